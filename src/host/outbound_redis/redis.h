#pragma once

// What one instance has open of Redis servers, whichever interface it opened them by.
//
//   auto checked = redis.check(address);         permission, and what the address means
//   auto opening = redis.open(*checked);         a session of its own
//
// A session is a connection for one handle. It comes from those that the event loop keeps
// (redis/connections.h) and goes back there, unless the guest ran commands of its own choice on it,
// which may have changed what the server remembers of the connection. Dropping a session in the
// middle of a command leaves nothing behind.

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "component/host/resource.h"
#include "host/outbound/access.h"
#include "host/places.h"
#include "host/services.h"
#include "redis/connections.h"

namespace spindle::host {

// Handles of an instance.
inline constexpr uint32_t kOpenRedisMax = 1024;

// As the interfaces name it.
struct RedisFailure {
  enum class Kind : uint8_t { InvalidAddress, TooManyConnections, TypeError, Other };
  Kind kind = Kind::Other;
  std::string message;

  bool operator==(const RedisFailure&) const = default;
};
RedisFailure redis_failure(std::string message);

// A connection and its share of the operator's limits, which it outlives.
struct CountedRedis {
  ConnectionLimits::Permit permit;
  redis::Connections::Lease lease;
};

// One open connection.
class RedisSession {
 public:
  RedisSession(Place place, CountedRedis connection)
      : place_(std::move(place)), connection_(std::move(connection)) {}

  // Views hold until this returns.
  io::Eventual<redis::Reply> ask(std::span<const std::string_view> words);
  // A command that the guest made.
  io::Eventual<redis::Reply> execute(std::span<const std::string_view> words);

 private:
  Place place_;
  CountedRedis connection_;
};

class OutboundRedis {
 public:
  // Both outlive the instance.
  OutboundRedis(const Services& services, OutboundPermission& permission)
      : services_(services), permission_(permission) {}
  OutboundRedis(const OutboundRedis&) = delete;
  OutboundRedis& operator=(const OutboundRedis&) = delete;

  template <typename T>
  using Outcome = std::expected<T, RedisFailure>;

  // A denial is reported.
  Outcome<redis::Address> check(std::string_view address);
  io::Task<Result<Outcome<RedisSession>>> open(redis::Address address);
  // For one command; `words` are those of encode_command().
  io::Task<Result<redis::Reply>> ask_once(redis::Address address, std::string words);
  // The same, for a command that the guest made.
  io::Task<Result<redis::Reply>> execute_once(redis::Address address, std::string words);

  // With those that are being opened.
  uint32_t open_count() const { return open_.taken(); }

 private:
  // Where connections are counted, none is kept for the next user.
  io::Task<Result<CountedRedis>> acquire(redis::Address address);

  const Services& services_;
  OutboundPermission& permission_;
  Places open_{kOpenRedisMax};
};

// Each interface has a class of its own: handles of one are not handles of another.
class RedisResource : public component::HostResource {
 public:
  RedisSession& session() { return session_; }

 protected:
  explicit RedisResource(RedisSession session) : session_(std::move(session)) {}

 private:
  RedisSession session_;
};

// Of fermyon:spin/redis@2.0.0.
class RedisHandle final : public RedisResource {
 public:
  explicit RedisHandle(RedisSession session) : RedisResource(std::move(session)) {}
};

// Of spin:redis/redis@3.
class AsyncRedisHandle final : public RedisResource {
 public:
  explicit AsyncRedisHandle(RedisSession session) : RedisResource(std::move(session)) {}
};

}  // namespace spindle::host
