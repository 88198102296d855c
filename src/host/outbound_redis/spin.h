#pragma once

// spin:redis/redis@3, fermyon:spin/redis@2.0.0, and the unversioned fermyon:spin/redis.
//
// Works:   every function of all. An address that is not a Redis URL, or that the component may not
//          reach, is `invalid-address`; errors of the server and of the network are `other` with
//          their text. The unversioned interface opens a connection for each call (the event loop
//          keeps it for the next) and has one error for everything.
// Refused: more than kOpenRedisMax connections of an instance (`too-many-connections`); in execute,
//          commands that have no single reply (SUBSCRIBE and its like, MONITOR, CLIENT REPLY).
// Differs: Spin sends those, and its connection is of no use afterwards. Several calls of a 3.0
//          guest on one connection are pipelined, as in Spin.

#include <optional>
#include <vector>

#include "bindings/fermyon/spin/redis.h"
#include "bindings/fermyon/spin_2/redis.h"
#include "bindings/spin/redis_3/redis.h"
#include "host/outbound_redis/redis.h"

namespace spindle::host {

namespace redis_2 = bindings::fermyon::spin_2::redis;
namespace redis_3 = bindings::spin::redis_3::redis;
namespace redis_v1 = bindings::fermyon::spin::redis_types;

using RedisPayload = std::vector<uint8_t>;
using RedisWords = std::vector<std::string_view>;

// What the interfaces with a `connection` resource have in common: the class that bindings
// generated, and its types.
template <typename Interface, typename Error, typename Handle, typename Parameter, typename Value>
class SpinRedisConnections final : public Interface {
 public:
  explicit SpinRedisConnections(OutboundRedis& redis) : redis_(redis) {}

  using Failure = Error;
  template <typename T>
  using Answer = io::Eventual<std::expected<T, Failure>>;

  Answer<std::unique_ptr<Handle>> connection_open(std::string_view address) override;
  Answer<void> connection_publish(Handle& self, std::string_view channel,
                                  std::span<const uint8_t> payload) override;
  Answer<std::optional<RedisPayload>> connection_get(Handle& self, std::string_view key) override;
  Answer<void> connection_set(Handle& self, std::string_view key,
                              std::span<const uint8_t> value) override;
  Answer<int64_t> connection_incr(Handle& self, std::string_view key) override;
  Answer<uint32_t> connection_del(Handle& self, const RedisWords& keys) override;
  Answer<uint32_t> connection_sadd(Handle& self, std::string_view key,
                                   const RedisWords& values) override;
  Answer<std::vector<std::string>> connection_smembers(Handle& self, std::string_view key) override;
  Answer<uint32_t> connection_srem(Handle& self, std::string_view key,
                                   const RedisWords& values) override;
  Answer<std::vector<Value>> connection_execute(Handle& self, std::string_view command,
                                                const std::vector<Parameter>& arguments) override;

 private:
  OutboundRedis& redis_;
};

using SpinRedis = SpinRedisConnections<redis_2::Host, redis_2::Error, RedisHandle,
                                       redis_2::RedisParameterView, redis_2::RedisResult>;
using SpinRedisV3 = SpinRedisConnections<redis_3::Host, redis_3::Error, AsyncRedisHandle,
                                         redis_3::RedisParameterView, redis_3::RedisResult>;

class SpinRedisV1 final : public bindings::fermyon::spin::redis::Host {
 public:
  explicit SpinRedisV1(OutboundRedis& redis) : redis_(redis) {}

  template <typename T>
  using Answer = io::Eventual<std::expected<T, redis_v1::Error>>;

  Answer<void> publish(std::string_view address, std::string_view channel,
                       std::span<const uint8_t> payload) override;
  Answer<RedisPayload> get(std::string_view address, std::string_view key) override;
  Answer<void> set(std::string_view address, std::string_view key,
                   std::span<const uint8_t> value) override;
  Answer<int64_t> incr(std::string_view address, std::string_view key) override;
  Answer<int64_t> del(std::string_view address, const RedisWords& keys) override;
  Answer<int64_t> sadd(std::string_view address, std::string_view key,
                       const RedisWords& values) override;
  Answer<std::vector<std::string>> smembers(std::string_view address,
                                            std::string_view key) override;
  Answer<int64_t> srem(std::string_view address, std::string_view key,
                       const RedisWords& values) override;
  Answer<std::vector<redis_v1::RedisResult>> execute(
      std::string_view address, std::string_view command,
      const std::vector<redis_v1::RedisParameterView>& arguments) override;

 private:
  io::Eventual<redis::Reply> ask(std::string_view address, const RedisWords& words);

  OutboundRedis& redis_;
};

}  // namespace spindle::host
