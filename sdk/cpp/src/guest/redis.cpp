// The Redis client over fermyon:spin/redis@2.0.0.

#include <spindle/redis.h>

#include "capabilities.h"
#include "guest/capability_convert.h"

namespace spindle {
namespace {

namespace redis = bindings::fermyon::spin_2::redis;

template <typename T>
Result<T> call(const detail::Handle& handle, const auto& function) {
  return guest::result<T>(guest::with<redis::Connection>(handle.id(), function),
                          guest::kRedisError);
}

}  // namespace

Redis::Redis(int32_t id) : handle_(id, guest::drop<redis::Connection>) {}

Result<Redis> Redis::open(std::string_view address) {
  return guest::result<Redis>(redis::Connection::open(address), guest::kRedisError,
                              [](redis::Connection opened) { return Redis(opened.release()); });
}

Result<std::optional<std::string>> Redis::get(std::string_view key) const {
  using Value = std::optional<std::string>;
  auto done =
      guest::with<redis::Connection>(handle_.id(), [&](const auto& to) { return to.get(key); });
  return guest::result<Value>(std::move(done), guest::kRedisError, [](auto value) {
    return value.has_value() ? Value(guest::text(*value)) : Value();
  });
}

Result<void> Redis::set(std::string_view key, std::string_view value) const {
  return call<void>(handle_, [&](const auto& to) { return to.set(key, guest::bytes(value)); });
}

Result<int64_t> Redis::increment(std::string_view key) const {
  return call<int64_t>(handle_, [&](const auto& to) { return to.incr(key); });
}

Result<uint32_t> Redis::remove(const std::vector<std::string>& keys) const {
  return call<uint32_t>(handle_, [&](const auto& to) { return to.del(keys); });
}

Result<void> Redis::publish(std::string_view channel, std::string_view message) const {
  return call<void>(handle_,
                    [&](const auto& to) { return to.publish(channel, guest::bytes(message)); });
}

Result<uint32_t> Redis::add_members(std::string_view key,
                                    const std::vector<std::string>& members) const {
  return call<uint32_t>(handle_, [&](const auto& to) { return to.sadd(key, members); });
}

Result<std::vector<std::string>> Redis::members(std::string_view key) const {
  return call<std::vector<std::string>>(handle_, [&](const auto& to) { return to.smembers(key); });
}

Result<uint32_t> Redis::remove_members(std::string_view key,
                                       const std::vector<std::string>& members) const {
  return call<uint32_t>(handle_, [&](const auto& to) { return to.srem(key, members); });
}

Result<std::vector<RedisReply>> Redis::execute(
    std::string_view command,
    const std::vector<std::variant<int64_t, std::string>>& arguments) const {
  const auto parameters = guest::redis_parameters<redis::RedisParameter>(arguments);
  auto done = guest::with<redis::Connection>(
      handle_.id(), [&](const auto& to) { return to.execute(command, parameters); });
  return guest::result<std::vector<RedisReply>>(
      std::move(done), guest::kRedisError,
      [](auto found) { return guest::redis_replies(std::move(found)); });
}

}  // namespace spindle
