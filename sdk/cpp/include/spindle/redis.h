#pragma once

// Redis: a client, and the trigger that calls a function with what is published on a channel.
//
//   Result<void> handle(std::string_view message) { ... }
//   SPINDLE_REDIS(handle)
//
// An error of the function is logged by the host. A program has one SPINDLE_REDIS, and may have
// SPINDLE_HTTP besides.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <spindle/error.h>
#include <spindle/handle.h>

namespace spindle {

struct RedisReply {
  // Nil, a status such as OK, an integer, bytes.
  struct Status {
    std::string text;
    bool operator==(const Status&) const = default;
  };
  std::variant<std::monostate, Status, int64_t, std::string> value;

  bool operator==(const RedisReply&) const = default;
};

class Redis {
 public:
  // `redis://host:port`, which the manifest's `allowed_outbound_hosts` must have.
  static Result<Redis> open(std::string_view address);

  Result<std::optional<std::string>> get(std::string_view key) const;
  Result<void> set(std::string_view key, std::string_view value) const;
  Result<int64_t> increment(std::string_view key) const;
  // How many there were.
  Result<uint32_t> remove(const std::vector<std::string>& keys) const;
  Result<void> publish(std::string_view channel, std::string_view message) const;
  // Sets: how many are new, what is there, how many were there.
  Result<uint32_t> add_members(std::string_view key, const std::vector<std::string>& members) const;
  Result<std::vector<std::string>> members(std::string_view key) const;
  Result<uint32_t> remove_members(std::string_view key,
                                  const std::vector<std::string>& members) const;
  // Any command.
  Result<std::vector<RedisReply>> execute(
      std::string_view command,
      const std::vector<std::variant<int64_t, std::string>>& arguments) const;

 private:
  explicit Redis(int32_t id);
  detail::Handle handle_;
};

namespace detail {

struct RedisHandler {
  Result<void> (*function)(std::string_view message);
  const char* link;
};
extern const RedisHandler kRedisHandler;
extern const char kRedisTrigger;

}  // namespace detail
}  // namespace spindle

#define SPINDLE_REDIS(handler)                                                       \
  constinit const ::spindle::detail::RedisHandler spindle::detail::kRedisHandler = { \
      &handler, &::spindle::detail::kRedisTrigger};
