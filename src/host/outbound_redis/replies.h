#pragma once

// From a reply of a server to what a function of the Redis interfaces returns.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/outbound_redis/redis.h"
#include "redis/reply.h"

namespace spindle::host {

template <typename T>
using RedisOutcome = std::expected<T, RedisFailure>;

// Whatever it is, unless it is an error.
RedisOutcome<void> take_done(redis::Reply reply);
RedisOutcome<std::optional<std::vector<uint8_t>>> take_payload(redis::Reply reply);
RedisOutcome<int64_t> take_integer(redis::Reply reply);
RedisOutcome<uint32_t> take_count(redis::Reply reply);
// As take_count(); a reply that is no number is a `type-error`.
RedisOutcome<uint32_t> take_count_added(redis::Reply reply);
RedisOutcome<std::vector<std::string>> take_strings(redis::Reply reply);

// The cases of `redis-result`.
struct RedisStatus {
  std::string text;
  bool operator==(const RedisStatus&) const = default;
};
using RedisBinary = std::vector<uint8_t>;
using RedisValue = std::variant<std::monostate, RedisStatus, int64_t, RedisBinary>;

// Arrays and sets are flattened.
RedisOutcome<std::vector<RedisValue>> take_values(redis::Reply reply);

}  // namespace spindle::host
