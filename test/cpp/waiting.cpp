// Every capability of coroutines, several at once.
#include <spindle/async.h>
#include <spindle/task_router.h>

using namespace spindle;
using namespace spindle::http;

namespace {

// The first error of several results.
template <typename... Rs>
std::string first_error(const Rs&... results) {
  std::string message;
  const auto look = [&](const auto& result) {
    if (message.empty() && !result.has_value()) message = result.error().message;
  };
  (look(results), ...);
  return message;
}

Task<Response> stores(std::string name) {
  auto store = co_await async::KeyValue::open(name);
  if (!store) co_return text(store.error().message, 500);
  auto [tea, milk, unset] =
      co_await when_all(store->set("tea", "green"), store->set("milk", "oat"), store->get("x"));
  auto [gone, animal, plant] =
      co_await when_all(store->remove("milk"), async::variable("animal"), async::variable("plant"));
  auto value = co_await store->get("tea");
  auto there = co_await store->exists("milk");
  auto keys = co_await store->keys();
  const auto wrong = first_error(tea, milk, unset, gone, animal, value, there, keys);
  if (!wrong.empty()) co_return text(wrong, 500);
  const bool is_right = *value == "green" && !unset->has_value() && !*there &&
                        *keys == std::vector<std::string>{"tea"} && *animal == "cat" && !plant;
  co_return text(is_right ? "all right" : "wrong");
}

const SqlRow kCat = {1, "Ada", 4.5, nullptr, Bytes{1, 0, 255}};

Task<Response> sqlite() {
  auto db = co_await async::Sqlite::open();
  if (!db) co_return text(db.error().message, 500);
  auto made = co_await db->execute("CREATE TABLE w (a, b, c, d, e)");
  auto added = co_await db->execute("INSERT INTO w VALUES (?, ?, ?, ?, ?)", kCat);
  auto many = co_await db->execute(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i FROM "
      "n");
  auto [found, missing] =
      co_await when_all(db->execute("SELECT * FROM w"), db->execute("SELECT * FROM missing"));
  const auto wrong = first_error(made, added, many, found);
  if (!wrong.empty()) co_return text(wrong, 500);
  const bool is_right = found->rows == std::vector<SqlRow>{kCat} && many->rows.size() == 500 &&
                        many->rows[499] == SqlRow{500} && found->columns.size() == 5 && !missing;
  co_return text(is_right ? "all right" : "wrong");
}

template <typename Server>
Task<Response> server(std::string address, std::string create, std::string insert) {
  auto db = co_await Server::open(std::move(address));
  if (!db) co_return text(db.error().message, 500);
  auto made = co_await db->execute(std::move(create));
  auto added = co_await db->execute(std::move(insert), kCat);
  auto found = co_await db->query("SELECT * FROM waiting");
  const auto wrong = first_error(made, added, found);
  if (!wrong.empty()) co_return text(wrong, 500);
  auto [date, missing] = co_await when_all(db->query("SELECT DATE '2026-11-22' AS d"),
                                           db->query("SELECT * FROM missing"));
  const bool is_right = found->rows == std::vector<SqlRow>{kCat} && !missing;
  co_return text((is_right ? "all right; " : "wrong; ") +
                 (date ? std::string(date->rows[0][0].text()) : date.error().message));
}

Task<Response> redis(std::string address) {
  auto to = co_await async::Redis::open(std::move(address));
  if (!to) co_return text(to.error().message, 500);
  auto [set, members] =
      co_await when_all(to->set("w-a", "tea"), to->add_members("w-s", {"x", "y", "x"}));
  auto [a, none, n] = co_await when_all(to->get("w-a"), to->get("w-none"), to->increment("w-n"));
  auto all = co_await to->members("w-s");
  auto less = co_await to->remove_members("w-s", {"x", "z"});
  auto gone = co_await to->remove({"w-n", "w-s", "w-x"});
  auto reply = co_await to->execute("GET", {"w-a"});
  auto told = co_await to->publish("w", "hello");
  const auto wrong = first_error(set, members, a, none, n, all, less, gone, reply, told);
  if (!wrong.empty()) co_return text(wrong, 500);
  const bool is_right = *members == 2 && *a == "tea" && !none->has_value() && *n == 1 &&
                        all->size() == 2 && *less == 1 && *gone == 2 &&
                        reply->at(0) == RedisReply{"tea"};
  co_return text(is_right ? "all right" : "wrong");
}

Task<Response> mqtt(std::string address) {
  auto broker = co_await async::Mqtt::open(std::move(address), {"", ""});
  if (!broker) co_return text(broker.error().message, 500);
  auto done = co_await broker->publish("cats", "meow");
  co_return text(done ? "published" : done.error().message, done ? 200 : 500);
}

Task<Response> shut(Request&) {
  co_return Response(404);
}

TaskRouter routes() {
  const auto to = [](Request& request) { return request.query("to").value_or("default"); };
  TaskRouter router;
  router.get("/waiting/store", [to](Request& request) { return stores(to(request)); })
      .get("/waiting/sqlite", [](Request&) { return sqlite(); })
      .get("/waiting/redis", [to](Request& request) { return redis(to(request)); })
      .get("/waiting/mqtt", [to](Request& request) { return mqtt(to(request)); });
  router.get("/waiting/server/:kind", [to](Request& request) {
    if (request.parameter("kind") == "postgres") {
      return server<async::Postgres>(
          to(request),
          "CREATE TABLE waiting (id int8, name text, weight float8, owner text, photo bytea)",
          "INSERT INTO waiting VALUES ($1, $2, $3, $4, $5)");
    }
    return server<async::MySql>(
        to(request),
        "CREATE TABLE waiting (id BIGINT, name VARCHAR(9), weight DOUBLE, owner TEXT, photo BLOB)",
        "INSERT INTO waiting VALUES (?, ?, ?, ?, ?)");
  });
  router.otherwise(shut);
  return router;
}

}  // namespace

SPINDLE_HTTP(routes)
