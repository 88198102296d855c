// The host's side of the SDK's classes, over the App of the test.

#include <spindle/http_task.h>
#include <spindle/key_value.h>
#include <spindle/test.h>
#include <spindle/variables.h>

#include <charconv>

#include "clock.h"
#include "databases.h"

namespace spindle {
namespace {

using test::App;

void drop(int32_t /*handle*/) {}

// Of an address that the manifest must allow.
Result<int32_t> connect(std::string_view address, std::string_view scheme) {
  if (!scheme.empty() && !address.starts_with(scheme)) {
    return fail(ErrorKind::Invalid, "not an address that may be used");
  }
  if (!App::current().is_allowed(address)) {
    return fail(ErrorKind::Invalid, "not an address that may be used");
  }
  return App::current().open(std::string(address));
}

template <typename T>
Result<T> opened(const Result<int32_t>& handle, const auto& make) {
  if (!handle.has_value()) return std::unexpected(handle.error());
  return make(*handle);
}

}  // namespace

// --- key-value and variables

KeyValue::KeyValue(int32_t id) : handle_(id, drop) {}

Result<KeyValue> KeyValue::open(std::string_view store) {
  App& app = App::current();
  if (!app.stores.contains(std::string(store))) {
    return fail(ErrorKind::Denied, "the component may not use this store");
  }
  return KeyValue(app.open(std::string(store)));
}

namespace {

auto& store_of(const detail::Handle& handle) {
  App& app = App::current();
  return app.stores[app.address(handle.id())];
}

}  // namespace

Result<std::optional<std::string>> KeyValue::get(std::string_view key) const {
  const auto& store = store_of(handle_);
  const auto found = store.find(std::string(key));
  return found == store.end() ? std::nullopt : std::optional(found->second);
}

Result<void> KeyValue::set(std::string_view key, std::string_view value) const {
  store_of(handle_)[std::string(key)] = value;
  return {};
}

Result<void> KeyValue::remove(std::string_view key) const {
  store_of(handle_).erase(std::string(key));
  return {};
}

Result<bool> KeyValue::exists(std::string_view key) const {
  return store_of(handle_).contains(std::string(key));
}

Result<std::vector<std::string>> KeyValue::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, value] : store_of(handle_)) keys.push_back(key);
  return keys;
}

Result<std::string> variable(std::string_view name) {
  const auto& variables = App::current().variables;
  const auto found = variables.find(std::string(name));
  if (found != variables.end()) return found->second;
  return fail(ErrorKind::NotFound, "no variable `" + std::string(name) + "`");
}

// --- SQL

Sqlite::Sqlite(int32_t id) : handle_(id, drop) {}

Result<Sqlite> Sqlite::open(std::string_view database) {
  App& app = App::current();
  if (!app.databases.contains(std::string(database))) {
    return fail(ErrorKind::Denied, "the component may not use this database");
  }
  return Sqlite(app.open(std::string(database)));
}

Result<SqlRows> Sqlite::execute(std::string_view statement, const SqlRow& parameters) const {
  App& app = App::current();
  return app.sqlite().execute(app.address(handle_.id()), statement, parameters);
}

namespace {

Result<test::SqlAnswer> ask(test::SqlScript& script, const detail::Handle& handle,
                            std::string_view statement, const SqlRow& parameters) {
  return script.answer({App::current().address(handle.id()), std::string(statement), parameters});
}

Result<SqlRows> rows_of(Result<test::SqlAnswer> answer) {
  if (!answer.has_value()) return std::unexpected(answer.error());
  return std::move(answer->rows);
}

}  // namespace

Postgres::Postgres(int32_t id) : handle_(id, drop) {}

Result<Postgres> Postgres::open(std::string_view address) {
  return opened<Postgres>(connect(address, ""), [](int32_t id) { return Postgres(id); });
}

Result<SqlRows> Postgres::query(std::string_view statement, const SqlRow& parameters) const {
  return rows_of(ask(App::current().postgres, handle_, statement, parameters));
}

Result<uint64_t> Postgres::execute(std::string_view statement, const SqlRow& parameters) const {
  auto answer = ask(App::current().postgres, handle_, statement, parameters);
  if (!answer.has_value()) return std::unexpected(answer.error());
  return answer->changed;
}

MySql::MySql(int32_t id) : handle_(id, drop) {}

Result<MySql> MySql::open(std::string_view address) {
  return opened<MySql>(connect(address, ""), [](int32_t id) { return MySql(id); });
}

Result<SqlRows> MySql::query(std::string_view statement, const SqlRow& parameters) const {
  return rows_of(ask(App::current().mysql, handle_, statement, parameters));
}

Result<void> MySql::execute(std::string_view statement, const SqlRow& parameters) const {
  auto answer = ask(App::current().mysql, handle_, statement, parameters);
  if (!answer.has_value()) return std::unexpected(answer.error());
  return {};
}

// --- Redis

Redis::Redis(int32_t id) : handle_(id, drop) {}

Result<Redis> Redis::open(std::string_view address) {
  return opened<Redis>(connect(address, "redis"), [](int32_t id) { return Redis(id); });
}

namespace {

test::RedisData& data_of(const detail::Handle& handle) {
  App& app = App::current();
  return app.redis[app.address(handle.id())];
}

}  // namespace

Result<std::optional<std::string>> Redis::get(std::string_view key) const {
  const auto& values = data_of(handle_).values;
  const auto found = values.find(std::string(key));
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

Result<void> Redis::set(std::string_view key, std::string_view value) const {
  test::RedisData& data = data_of(handle_);
  data.sets.erase(std::string(key));
  data.values[std::string(key)] = value;
  return {};
}

Result<int64_t> Redis::increment(std::string_view key) const {
  std::string& text = data_of(handle_).values[std::string(key)];
  int64_t number = 0;
  const char* end = text.data() + text.size();
  if (!text.empty() && std::from_chars(text.data(), end, number).ptr != end) {
    return fail(ErrorKind::Other, "value is not an integer or out of range");
  }
  text = std::to_string(number + 1);
  return number + 1;
}

Result<uint32_t> Redis::remove(const std::vector<std::string>& keys) const {
  test::RedisData& data = data_of(handle_);
  size_t count = 0;
  for (const std::string& key : keys) count += data.values.erase(key) + data.sets.erase(key);
  return static_cast<uint32_t>(count);
}

Result<void> Redis::publish(std::string_view channel, std::string_view message) const {
  App& app = App::current();
  app.published.push_back({app.address(handle_.id()), std::string(channel), std::string(message)});
  return {};
}

Result<uint32_t> Redis::add_members(std::string_view key,
                                    const std::vector<std::string>& members) const {
  auto& set = data_of(handle_).sets[std::string(key)];
  const size_t before = set.size();
  set.insert(members.begin(), members.end());
  return static_cast<uint32_t>(set.size() - before);
}

Result<std::vector<std::string>> Redis::members(std::string_view key) const {
  const auto& set = data_of(handle_).sets[std::string(key)];
  return std::vector<std::string>(set.begin(), set.end());
}

Result<uint32_t> Redis::remove_members(std::string_view key,
                                       const std::vector<std::string>& members) const {
  auto& set = data_of(handle_).sets[std::string(key)];
  size_t count = 0;
  for (const std::string& member : members) count += set.erase(member);
  return static_cast<uint32_t>(count);
}

Result<std::vector<RedisReply>> Redis::execute(
    std::string_view command,
    const std::vector<std::variant<int64_t, std::string>>& arguments) const {
  const auto& function = data_of(handle_).on_command;
  if (function) return function(command, arguments);
  return fail(ErrorKind::Other, "no test has scripted the command " + std::string(command));
}

// --- MQTT and language models

Mqtt::Mqtt(int32_t id) : handle_(id, drop) {}

Result<Mqtt> Mqtt::open(std::string_view address, const Login& /*login*/) {
  return opened<Mqtt>(connect(address, "mqtt"), [](int32_t id) { return Mqtt(id); });
}

Result<void> Mqtt::publish(std::string_view topic, std::string_view payload,
                           Quality quality) const {
  App& app = App::current();
  app.mqtt.push_back(
      {app.address(handle_.id()), std::string(topic), std::string(payload), quality});
  return {};
}

Result<Inference> infer(std::string_view model, std::string_view prompt,
                        const InferenceOptions& options) {
  const auto& function = App::current().on_infer;
  if (function) return function(model, prompt, options);
  return fail(ErrorKind::NotFound, "no such model");
}

Result<std::vector<std::vector<float>>> embed(std::string_view model,
                                              const std::vector<std::string>& texts) {
  const auto& function = App::current().on_embed;
  if (function) return function(model, texts);
  return fail(ErrorKind::NotFound, "no such model");
}

// --- time and requests

Task<void> sleep_for(std::chrono::nanoseconds duration) {
  co_await test::Clock::Timer(App::current().clock(),
                              std::max(duration, std::chrono::nanoseconds(0)));
}

namespace http {

Result<Response> send(const Request& request) {
  return App::current().reply(request).response;
}

Task<Result<Response>> fetch(Request request) {
  auto [response, delay] = App::current().reply(request);
  co_await sleep_for(delay);
  co_return std::move(response);
}

namespace {

struct WholeBody final : TaskReader::Source {
  explicit WholeBody(std::string all) : left(std::move(all)) {}
  Task<Result<std::string>> read() override { co_return std::exchange(left, {}); }
  std::string left;
};

}  // namespace

Task<Result<Fetched>> fetch_streamed(Request request) {
  Result<Response> response = co_await fetch(std::move(request));
  if (!response.has_value()) co_return std::unexpected(std::move(response.error()));
  auto body = std::make_shared<WholeBody>(std::string(response->content()));
  co_return Fetched{response->status, std::move(response->headers), TaskReader(std::move(body))};
}

}  // namespace http
}  // namespace spindle
