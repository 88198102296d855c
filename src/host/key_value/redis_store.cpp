#include "host/key_value/redis_store.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "host/answer.h"
#include "redis/command.h"

namespace spindle::host {
namespace {

using redis::encode_command;
using redis::Reply;
using Words = std::vector<std::string_view>;

std::string_view text_of(const KeyValueBytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

KeyValueBytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

Error server_error(const Reply& reply) {
  std::string text = reply.text;
  if (!is_valid_utf8(text)) text = "an error that is not UTF-8";
  return Error::unavailable(fmt::format("the Redis server answered: {}", text));
}

Error unexpected_reply() {
  return Error::unavailable("the Redis server answered with a reply of another type");
}

Result<void> check_key(std::string_view key) {
  if (key.size() <= kKeyBytesMax) return {};
  return Error::limit_exceeded(
      fmt::format("key of {} bytes, at most {} are allowed", key.size(), kKeyBytesMax));
}

Result<void> check_keys(const std::vector<std::string>& keys) {
  for (const auto& key : keys) TRY(check_key(key));
  return {};
}

Result<void> check_value(const KeyValueBytes& value) {
  if (value.size() <= kValueBytesMax) return {};
  return Error::limit_exceeded(
      fmt::format("value of {} bytes, at most {} are allowed", value.size(), kValueBytesMax));
}

Result<std::optional<KeyValueBytes>> take_value(const Reply& reply) {
  if (reply.is_nil()) return std::optional<KeyValueBytes>();
  if (!reply.is_text()) return unexpected_reply();
  return std::optional<KeyValueBytes>(bytes_of(reply.text));
}

Result<int64_t> take_integer(const Reply& reply) {
  if (reply.kind != Reply::Kind::Integer) return unexpected_reply();
  return reply.integer;
}

Result<std::vector<std::string>> take_keys(Reply reply) {
  if (reply.kind != Reply::Kind::Array) return unexpected_reply();
  std::vector<std::string> keys;
  for (auto& key : reply.elements) {
    if (!is_valid_utf8(key.text)) return Error::unavailable("a key of the store is not UTF-8");
    keys.push_back(std::move(key.text));
  }
  return keys;
}

Result<std::vector<KeyValuePair>> take_pairs(const Reply& reply, std::vector<std::string> keys) {
  if (reply.kind != Reply::Kind::Array || reply.elements.size() != keys.size()) {
    return unexpected_reply();
  }
  std::vector<KeyValuePair> pairs;
  for (size_t i = 0; i < keys.size(); ++i) {
    auto value = TRY(take_value(reply.elements[i]));
    if (value) pairs.emplace_back(std::move(keys[i]), std::move(*value));
  }
  return pairs;
}

constexpr auto kNothing = [](Result<Reply> reply) -> Result<void> {
  TRY(std::move(reply));
  return {};
};

Words words_of(std::string_view command, const std::vector<std::string>& keys) {
  Words words{command};
  words.insert(words.end(), keys.begin(), keys.end());
  return words;
}

io::Task<Result<Reply>> checked(redis::Connection::Ticket ticket) {
  auto waiting = std::move(ticket).reply();
  auto reply = CO_TRY(co_await std::move(waiting));
  if (reply.is_error()) co_return server_error(reply);
  co_return reply;
}

struct Swap {
  std::string key;
  std::optional<KeyValueBytes> expected;
  KeyValueBytes value;
};

// WATCH ends with EXEC or with the connection, which is not given back before it has ended well.
io::Task<Result<SwapOutcome>> swap_watched(redis::Connections& connections, redis::Address address,
                                           Swap wanted) {
  auto acquiring = connections.acquire(std::move(address));
  auto lease = CO_TRY(co_await std::move(acquiring));
  struct Guard {
    redis::Connections::Lease& lease;
    bool is_over = false;
    ~Guard() {
      if (!is_over) lease.taint();
    }
  } guard{lease};
  auto watch = CO_TRY(lease->send(encode_command({"WATCH", wanted.key})));
  auto get = CO_TRY(lease->send(encode_command({"GET", wanted.key})));
  auto watching = checked(std::move(watch));
  auto getting = checked(std::move(get));
  const Reply watched = CO_TRY(co_await std::move(watching));
  const Reply got = CO_TRY(co_await std::move(getting));
  const auto current = CO_TRY(take_value(got));
  if (current != wanted.expected) co_return SwapOutcome::Changed;
  auto multi = CO_TRY(lease->send(encode_command({"MULTI"})));
  auto set = CO_TRY(lease->send(encode_command({"SET", wanted.key, text_of(wanted.value)})));
  auto exec = CO_TRY(lease->send(encode_command({"EXEC"})));
  auto beginning = checked(std::move(multi));
  auto setting = checked(std::move(set));
  auto executing = checked(std::move(exec));
  const Reply begun = CO_TRY(co_await std::move(beginning));
  const Reply queued = CO_TRY(co_await std::move(setting));
  const Reply executed = CO_TRY(co_await std::move(executing));
  guard.is_over = true;
  co_return executed.is_nil() ? SwapOutcome::Changed : SwapOutcome::Swapped;
}

// The store is the operator's choice, wherever it is.
class OpenGate final : public io::AddressGate {
 public:
  bool permits(const io::Endpoint&) const override { return true; }
};

io::Task<Result<void>> ask_once(io::EventLoop& loop, io::Dialer& dialer, redis::Address address,
                                std::string command) {
  auto connecting = redis::connect(loop, dialer, std::move(address));
  const auto connection = CO_TRY(co_await std::move(connecting));
  auto ticket = CO_TRY(connection->send(std::move(command)));
  auto asking = checked(std::move(ticket));
  const auto reply = co_await std::move(asking);
  if (!reply) co_return reply.error();
  co_return Result<void>();
}

}  // namespace

Result<void> RedisKeyValueStore::set_now(const std::string& key, KeyValueBytes value) const {
  TRY(check_key(key));
  TRY(check_value(value));
  io::EventLoop loop;
  io::BlockingPool pool(1);
  io::Resolver resolver(loop, pool);
  const OpenGate gate;
  io::Dialer dialer(loop, resolver, gate);
  return loop.block_on(
      ask_once(loop, dialer, address_, encode_command({"SET", key, text_of(value)})));
}

void RedisKeyValueStore::enter(io::EventLoop& loop, redis::Connections& connections) {
  const std::lock_guard lock(mutex_);
  loops_.insert_or_assign(&loop, &connections);
}

void RedisKeyValueStore::leave(io::EventLoop& loop) {
  const std::lock_guard lock(mutex_);
  loops_.erase(&loop);
}

Result<redis::Connections*> RedisKeyValueStore::connections(io::EventLoop& loop) {
  const std::lock_guard lock(mutex_);
  const auto found = loops_.find(&loop);
  if (found != loops_.end()) return found->second;
  return Error::unavailable("Redis servers cannot be reached from here");
}

io::Task<Result<Reply>> RedisKeyValueStore::ask(io::EventLoop& loop, std::string command) {
  auto* reachable = CO_TRY(connections(loop));
  auto sharing = reachable->shared(address_);
  const auto connection = CO_TRY(co_await std::move(sharing));
  auto ticket = CO_TRY(connection->send(std::move(command)));
  auto asking = checked(std::move(ticket));
  auto reply = co_await std::move(asking);
  co_return reply;
}

io::Eventual<std::optional<KeyValueBytes>> RedisKeyValueStore::get(io::EventLoop& loop,
                                                                   std::string key) {
  TRY(check_key(key));
  return then(io::Eventual<Reply>(ask(loop, encode_command({"GET", key}))),
              [](Result<Reply> reply) -> Result<std::optional<KeyValueBytes>> {
                const Reply got = TRY(std::move(reply));
                return take_value(got);
              });
}

io::Eventual<void> RedisKeyValueStore::set(io::EventLoop& loop, std::string key,
                                           KeyValueBytes value) {
  TRY(check_key(key));
  TRY(check_value(value));
  return then(io::Eventual<Reply>(ask(loop, encode_command({"SET", key, text_of(value)}))),
              kNothing);
}

io::Eventual<void> RedisKeyValueStore::remove(io::EventLoop& loop, std::string key) {
  TRY(check_key(key));
  return then(io::Eventual<Reply>(ask(loop, encode_command({"DEL", key}))), kNothing);
}

io::Eventual<bool> RedisKeyValueStore::exists(io::EventLoop& loop, std::string key) {
  TRY(check_key(key));
  return then(io::Eventual<Reply>(ask(loop, encode_command({"EXISTS", key}))),
              [](Result<Reply> reply) -> Result<bool> {
                const Reply got = TRY(std::move(reply));
                const auto count = TRY(take_integer(got));
                return count > 0;
              });
}

io::Eventual<std::vector<std::string>> RedisKeyValueStore::keys(io::EventLoop& loop) {
  return then(io::Eventual<Reply>(ask(loop, encode_command({"KEYS", "*"}))),
              [](Result<Reply> reply) -> Result<std::vector<std::string>> {
                Reply got = TRY(std::move(reply));
                return take_keys(std::move(got));
              });
}

io::Eventual<std::vector<KeyValuePair>> RedisKeyValueStore::get_many(
    io::EventLoop& loop, std::vector<std::string> keys) {
  if (keys.empty()) return std::vector<KeyValuePair>();
  TRY(check_keys(keys));
  auto command = encode_command(words_of("MGET", keys));
  return then(
      io::Eventual<Reply>(ask(loop, std::move(command))),
      [keys = std::move(keys)](Result<Reply> reply) mutable -> Result<std::vector<KeyValuePair>> {
        const Reply got = TRY(std::move(reply));
        return take_pairs(got, std::move(keys));
      });
}

io::Eventual<void> RedisKeyValueStore::set_many(io::EventLoop& loop,
                                                std::vector<KeyValuePair> pairs) {
  if (pairs.empty()) return Result<void>();
  Words words{"MSET"};
  for (const auto& [key, value] : pairs) {
    TRY(check_key(key));
    TRY(check_value(value));
    words.push_back(key);
    words.push_back(text_of(value));
  }
  return then(io::Eventual<Reply>(ask(loop, encode_command(words))), kNothing);
}

io::Eventual<void> RedisKeyValueStore::remove_many(io::EventLoop& loop,
                                                   std::vector<std::string> keys) {
  if (keys.empty()) return Result<void>();
  TRY(check_keys(keys));
  return then(io::Eventual<Reply>(ask(loop, encode_command(words_of("DEL", keys)))), kNothing);
}

io::Eventual<int64_t> RedisKeyValueStore::increment(io::EventLoop& loop, std::string key,
                                                    int64_t delta) {
  TRY(check_key(key));
  return then(
      io::Eventual<Reply>(ask(loop, encode_command({"INCRBY", key, fmt::format("{}", delta)}))),
      [](Result<Reply> reply) -> Result<int64_t> {
        const Reply got = TRY(std::move(reply));
        return take_integer(got);
      });
}

io::Eventual<SwapOutcome> RedisKeyValueStore::swap(io::EventLoop& loop, std::string key,
                                                   std::optional<KeyValueBytes> expected,
                                                   KeyValueBytes value) {
  TRY(check_key(key));
  TRY(check_value(value));
  if (!expected) {
    return then(set(loop, std::move(key), std::move(value)),
                [](Result<void> done) -> Result<SwapOutcome> {
                  TRY(std::move(done));
                  return SwapOutcome::Swapped;
                });
  }
  auto* reachable = TRY(connections(loop));
  return swap_watched(*reachable, address_,
                      {std::move(key), std::move(expected), std::move(value)});
}

}  // namespace spindle::host
