// Redis of coroutines, over spin:redis@3.0.0.

#include "async_capabilities.h"
#include "guest/async_convert.h"

namespace spindle::async {
namespace {

namespace redis = async_bindings::spin::redis_3::redis;
using Connection = guest::Borrowed<redis::Connection>;
using guest::kRedisError;

}  // namespace

Redis::Redis(int32_t id) : handle_(id, guest::drop<redis::Connection>) {}

Task<Result<Redis>> Redis::open(std::string address) {
  auto opened = co_await redis::Connection::open(std::move(address));
  co_return guest::result<Redis>(std::move(opened), kRedisError,
                                 [](redis::Connection made) { return Redis(made.release()); });
}

Task<Result<std::optional<std::string>>> Redis::get(std::string key) const {
  using Value = std::optional<std::string>;
  const Connection to(handle_);
  auto found = co_await to->get(std::move(key));
  co_return guest::result<Value>(std::move(found), kRedisError, [](auto value) {
    return value.has_value() ? Value(guest::text(*value)) : Value();
  });
}

Task<Result<void>> Redis::set(std::string key, std::string value) const {
  const Connection to(handle_);
  auto done = co_await to->set(std::move(key), guest::byte_vector(value));
  co_return guest::result<void>(std::move(done), kRedisError);
}

Task<Result<int64_t>> Redis::increment(std::string key) const {
  const Connection to(handle_);
  auto done = co_await to->incr(std::move(key));
  co_return guest::result<int64_t>(std::move(done), kRedisError);
}

Task<Result<uint32_t>> Redis::remove(std::vector<std::string> keys) const {
  const Connection to(handle_);
  auto done = co_await to->del(std::move(keys));
  co_return guest::result<uint32_t>(std::move(done), kRedisError);
}

Task<Result<void>> Redis::publish(std::string channel, std::string message) const {
  const Connection to(handle_);
  auto done = co_await to->publish(std::move(channel), guest::byte_vector(message));
  co_return guest::result<void>(std::move(done), kRedisError);
}

Task<Result<uint32_t>> Redis::add_members(std::string key, std::vector<std::string> members) const {
  const Connection to(handle_);
  auto done = co_await to->sadd(std::move(key), std::move(members));
  co_return guest::result<uint32_t>(std::move(done), kRedisError);
}

Task<Result<std::vector<std::string>>> Redis::members(std::string key) const {
  const Connection to(handle_);
  auto found = co_await to->smembers(std::move(key));
  co_return guest::result<std::vector<std::string>>(std::move(found), kRedisError);
}

Task<Result<uint32_t>> Redis::remove_members(std::string key,
                                             std::vector<std::string> members) const {
  const Connection to(handle_);
  auto done = co_await to->srem(std::move(key), std::move(members));
  co_return guest::result<uint32_t>(std::move(done), kRedisError);
}

Task<Result<std::vector<RedisReply>>> Redis::execute(std::string command,
                                                     Arguments arguments) const {
  const Connection to(handle_);
  auto found = co_await to->execute(std::move(command),
                                    guest::redis_parameters<redis::RedisParameter>(arguments));
  co_return guest::result<std::vector<RedisReply>>(std::move(found), kRedisError, [](auto replies) {
    return guest::redis_replies(std::move(replies));
  });
}

}  // namespace spindle::async
