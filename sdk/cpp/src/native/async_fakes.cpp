// Capabilities of coroutines: the plain ones, by the same address. Nothing of them takes time.

#include <spindle/async.h>
#include <spindle/key_value.h>
#include <spindle/test.h>
#include <spindle/variables.h>

namespace spindle::async {
namespace {

void keep(int32_t /*handle*/) {}

// The plain object of what the handle was opened for.
template <typename Plain>
Result<Plain> plain(const detail::Handle& handle) {
  return Plain::open(test::App::current().address(handle.id()));
}

template <typename Plain>
Result<int32_t> check(const std::string& address) {
  Result<Plain> opened = Plain::open(address);
  if (!opened.has_value()) return std::unexpected(std::move(opened.error()));
  return test::App::current().open(address);
}

// What `call` gives for the plain object.
template <typename Plain>
auto with(const detail::Handle& handle, const auto& call)
    -> decltype(call(std::declval<const Plain&>())) {
  Result<Plain> opened = plain<Plain>(handle);
  if (!opened.has_value()) return std::unexpected(std::move(opened.error()));
  return call(*opened);
}

template <typename T>
Result<T> made(Result<int32_t> handle, const auto& make) {
  if (!handle.has_value()) return std::unexpected(std::move(handle.error()));
  return make(*handle);
}

}  // namespace

KeyValue::KeyValue(int32_t id) : handle_(id, keep) {}

Task<Result<KeyValue>> KeyValue::open(std::string store) {
  co_return made<KeyValue>(check<spindle::KeyValue>(store),
                           [](int32_t id) { return KeyValue(id); });
}
Task<Result<std::optional<std::string>>> KeyValue::get(std::string key) const {
  co_return with<spindle::KeyValue>(handle_, [&](const auto& store) { return store.get(key); });
}
Task<Result<void>> KeyValue::set(std::string key, std::string value) const {
  co_return with<spindle::KeyValue>(handle_,
                                    [&](const auto& store) { return store.set(key, value); });
}
Task<Result<void>> KeyValue::remove(std::string key) const {
  co_return with<spindle::KeyValue>(handle_, [&](const auto& store) { return store.remove(key); });
}
Task<Result<bool>> KeyValue::exists(std::string key) const {
  co_return with<spindle::KeyValue>(handle_, [&](const auto& store) { return store.exists(key); });
}
Task<Result<std::vector<std::string>>> KeyValue::keys() const {
  co_return with<spindle::KeyValue>(handle_, [](const auto& store) { return store.keys(); });
}

Task<Result<std::string>> variable(std::string name) {
  co_return spindle::variable(name);
}

Sqlite::Sqlite(int32_t id) : handle_(id, keep) {}

Task<Result<Sqlite>> Sqlite::open(std::string database) {
  co_return made<Sqlite>(check<spindle::Sqlite>(database), [](int32_t id) { return Sqlite(id); });
}
Task<Result<SqlRows>> Sqlite::execute(std::string statement, SqlRow parameters) const {
  co_return with<spindle::Sqlite>(
      handle_, [&](const auto& db) { return db.execute(statement, parameters); });
}

Postgres::Postgres(int32_t id) : handle_(id, keep) {}

Task<Result<Postgres>> Postgres::open(std::string address) {
  co_return made<Postgres>(check<spindle::Postgres>(address),
                           [](int32_t id) { return Postgres(id); });
}
Task<Result<SqlRows>> Postgres::query(std::string statement, SqlRow parameters) const {
  co_return with<spindle::Postgres>(
      handle_, [&](const auto& db) { return db.query(statement, parameters); });
}
Task<Result<uint64_t>> Postgres::execute(std::string statement, SqlRow parameters) const {
  co_return with<spindle::Postgres>(
      handle_, [&](const auto& db) { return db.execute(statement, parameters); });
}

MySql::MySql(int32_t id) : handle_(id, keep) {}

Task<Result<MySql>> MySql::open(std::string address) {
  co_return made<MySql>(check<spindle::MySql>(address), [](int32_t id) { return MySql(id); });
}
Task<Result<SqlRows>> MySql::query(std::string statement, SqlRow parameters) const {
  co_return with<spindle::MySql>(handle_,
                                 [&](const auto& db) { return db.query(statement, parameters); });
}
Task<Result<void>> MySql::execute(std::string statement, SqlRow parameters) const {
  co_return with<spindle::MySql>(handle_,
                                 [&](const auto& db) { return db.execute(statement, parameters); });
}

Redis::Redis(int32_t id) : handle_(id, keep) {}

Task<Result<Redis>> Redis::open(std::string address) {
  co_return made<Redis>(check<spindle::Redis>(address), [](int32_t id) { return Redis(id); });
}
Task<Result<std::optional<std::string>>> Redis::get(std::string key) const {
  co_return with<spindle::Redis>(handle_, [&](const auto& to) { return to.get(key); });
}
Task<Result<void>> Redis::set(std::string key, std::string value) const {
  co_return with<spindle::Redis>(handle_, [&](const auto& to) { return to.set(key, value); });
}
Task<Result<int64_t>> Redis::increment(std::string key) const {
  co_return with<spindle::Redis>(handle_, [&](const auto& to) { return to.increment(key); });
}
Task<Result<uint32_t>> Redis::remove(std::vector<std::string> keys) const {
  co_return with<spindle::Redis>(handle_, [&](const auto& to) { return to.remove(keys); });
}
Task<Result<void>> Redis::publish(std::string channel, std::string message) const {
  co_return with<spindle::Redis>(handle_,
                                 [&](const auto& to) { return to.publish(channel, message); });
}
Task<Result<uint32_t>> Redis::add_members(std::string key, std::vector<std::string> members) const {
  co_return with<spindle::Redis>(handle_,
                                 [&](const auto& to) { return to.add_members(key, members); });
}
Task<Result<std::vector<std::string>>> Redis::members(std::string key) const {
  co_return with<spindle::Redis>(handle_, [&](const auto& to) { return to.members(key); });
}
Task<Result<uint32_t>> Redis::remove_members(std::string key,
                                             std::vector<std::string> members) const {
  co_return with<spindle::Redis>(handle_,
                                 [&](const auto& to) { return to.remove_members(key, members); });
}
Task<Result<std::vector<RedisReply>>> Redis::execute(std::string command,
                                                     Arguments arguments) const {
  co_return with<spindle::Redis>(handle_,
                                 [&](const auto& to) { return to.execute(command, arguments); });
}

Mqtt::Mqtt(int32_t id) : handle_(id, keep) {}

Task<Result<Mqtt>> Mqtt::open(std::string address, spindle::Mqtt::Login login) {
  Result<spindle::Mqtt> opened = spindle::Mqtt::open(address, login);
  if (!opened.has_value()) co_return std::unexpected(std::move(opened.error()));
  co_return Mqtt(test::App::current().open(address));
}
Task<Result<void>> Mqtt::publish(std::string topic, std::string payload,
                                 spindle::Mqtt::Quality quality) const {
  auto opened = spindle::Mqtt::open(test::App::current().address(handle_.id()), {});
  if (!opened.has_value()) co_return std::unexpected(std::move(opened.error()));
  co_return opened->publish(topic, payload, quality);
}

}  // namespace spindle::async
