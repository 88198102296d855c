#pragma once

// Capabilities for handlers that are coroutines: while one waits, the instance does other things.
//
//   Task<Response> handle(Request&) {
//     auto store = co_await async::KeyValue::open();
//     auto db = co_await async::Sqlite::open();
//     auto [tea, cats] = co_await when_all(store->get("tea"), db->execute("SELECT name FROM
//     cats"));
//     ...
//   }
//
// The classes are those of key_value.h, sql.h, redis.h and mqtt.h, over Spin's interfaces of WASI
// 0.3; results and errors are the same. A task uses the object that it was asked of: that must
// outlive it. Language models have no such interface.

#include <spindle/handle.h>
#include <spindle/mqtt.h>
#include <spindle/redis.h>
#include <spindle/sql.h>
#include <spindle/task.h>

namespace spindle::async {

class KeyValue {
 public:
  static Task<Result<KeyValue>> open(std::string store = "default");
  Task<Result<std::optional<std::string>>> get(std::string key) const;
  Task<Result<void>> set(std::string key, std::string value) const;
  Task<Result<void>> remove(std::string key) const;
  Task<Result<bool>> exists(std::string key) const;
  Task<Result<std::vector<std::string>>> keys() const;

 private:
  explicit KeyValue(int32_t id);
  detail::Handle handle_;
};

Task<Result<std::string>> variable(std::string name);

class Sqlite {
 public:
  static Task<Result<Sqlite>> open(std::string database = "default");
  Task<Result<SqlRows>> execute(std::string statement, SqlRow parameters = {}) const;

 private:
  explicit Sqlite(int32_t id);
  detail::Handle handle_;
};

class Postgres {
 public:
  static Task<Result<Postgres>> open(std::string address);
  Task<Result<SqlRows>> query(std::string statement, SqlRow parameters = {}) const;
  Task<Result<uint64_t>> execute(std::string statement, SqlRow parameters = {}) const;

 private:
  explicit Postgres(int32_t id);
  detail::Handle handle_;
};

class MySql {
 public:
  static Task<Result<MySql>> open(std::string address);
  Task<Result<SqlRows>> query(std::string statement, SqlRow parameters = {}) const;
  Task<Result<void>> execute(std::string statement, SqlRow parameters = {}) const;

 private:
  explicit MySql(int32_t id);
  detail::Handle handle_;
};

class Redis {
 public:
  using Arguments = std::vector<std::variant<int64_t, std::string>>;

  static Task<Result<Redis>> open(std::string address);
  Task<Result<std::optional<std::string>>> get(std::string key) const;
  Task<Result<void>> set(std::string key, std::string value) const;
  Task<Result<int64_t>> increment(std::string key) const;
  Task<Result<uint32_t>> remove(std::vector<std::string> keys) const;
  Task<Result<void>> publish(std::string channel, std::string message) const;
  Task<Result<uint32_t>> add_members(std::string key, std::vector<std::string> members) const;
  Task<Result<std::vector<std::string>>> members(std::string key) const;
  Task<Result<uint32_t>> remove_members(std::string key, std::vector<std::string> members) const;
  Task<Result<std::vector<RedisReply>>> execute(std::string command, Arguments arguments) const;

 private:
  explicit Redis(int32_t id);
  detail::Handle handle_;
};

class Mqtt {
 public:
  // The texts of the login must outlive the task.
  static Task<Result<Mqtt>> open(std::string address, spindle::Mqtt::Login login);
  Task<Result<void>> publish(
      std::string topic, std::string payload,
      spindle::Mqtt::Quality quality = spindle::Mqtt::Quality::AtLeastOnce) const;

 private:
  explicit Mqtt(int32_t id);
  detail::Handle handle_;
};

}  // namespace spindle::async
