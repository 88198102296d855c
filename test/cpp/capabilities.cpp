// Everything of the SDK that a plain handler can use, by path.
#include <spindle/json.h>
#include <spindle/key_value.h>
#include <spindle/redis.h>
#include <spindle/router.h>
#include <spindle/sql.h>
#include <spindle/variables.h>

#include <charconv>

using namespace spindle;
using namespace spindle::http;

namespace {

constexpr const char* kKinds[] = {"other",       "denied", "not found", "invalid",
                                  "unavailable", "full",   "canceled"};

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Response problem(const Error& error) {
  return text(std::string(kKinds[static_cast<int>(error.kind)]) + ": " + error.message, 500);
}

Response key_value(Request& request) {
  auto store = KeyValue::open(request.parameter("store"));
  if (!store) return problem(store.error());
  const std::string_view key = request.parameter("key");
  if (request.method() == "PUT") {
    auto done = store->set(key, request.body());
    return done ? Response(204) : problem(done.error());
  }
  if (request.method() == "DELETE") {
    auto done = store->remove(key);
    return done ? Response(204) : problem(done.error());
  }
  auto value = store->get(key);
  if (!value) return problem(value.error());
  return value->has_value() ? text(**value) : text(store->exists(key).value() ? "?" : "none", 404);
}

Response keys(Request& request) {
  auto store = KeyValue::open(request.parameter("store"));
  if (!store) return problem(store.error());
  auto found = store->keys();
  return found ? json(Json(*found)) : problem(found.error());
}

Response show_variable(Request& request) {
  auto value = variable(request.parameter("name"));
  return value ? text(*value) : problem(value.error());
}

Response cats(Request& request) {
  auto db = Sqlite::open();
  if (!db) return problem(db.error());
  (void)db->execute(
      "CREATE TABLE IF NOT EXISTS cats (name TEXT, age INTEGER, weight REAL, photo BLOB)");
  if (request.method() == "POST") {
    auto cat = parse_json(request.body());
    if (!cat) return text(cat.error().message, 400);
    auto done = db->execute(
        "INSERT INTO cats VALUES (?, ?, ?, ?)",
        {get<std::string>(*cat, "name").value_or("?"), get<int>(*cat, "age").value_or(0),
         get<double>(*cat, "weight").value_or(0.5), nullptr});
    return done ? Response(201) : problem(done.error());
  }
  auto found = db->execute("SELECT name, age, weight, photo FROM cats WHERE age >= ? ORDER BY name",
                           {number(request.query("age").value_or("0"))});
  if (!found) return problem(found.error());
  Json list = Json::array();
  for (const SqlRow& row : found->rows) {
    list.push_back({{"name", row[0].text()},
                    {"age", row[1].integer()},
                    {"weight", row[2].number()},
                    {"photo", !row[3].is_null()}});
  }
  return json(list);
}

Response redis(Request& request) {
  auto server = Redis::open("redis://127.0.0.1:" + std::string(request.parameter("port")));
  if (!server) return problem(server.error());
  auto set = server->set("cpp-a", "tea");
  if (!set) return problem(set.error());
  const bool is_right =
      server->get("cpp-a") == "tea" && !server->get("cpp-none")->has_value() &&
      server->increment("cpp-n") == 1 && server->remove({"cpp-n", "cpp-x"}) == 1U &&
      server->add_members("cpp-s", {"x", "y", "x"}) == 2U &&
      server->members("cpp-s")->size() == 2 && server->remove_members("cpp-s", {"x", "y"}) == 2U &&
      server->execute("SET", {"cpp-b", int64_t{42}})->at(0).value ==
          RedisReply{RedisReply::Status{"OK"}}.value &&
      server->execute("GET", {"cpp-b"})->at(0).value == RedisReply{"42"}.value;
  auto published =
      server->publish(request.query("channel").value_or("cpp"), request.query("text").value_or(""));
  if (!published) return problem(published.error());
  return text(is_right ? "all right" : "wrong");
}

Response fetch(Request& request) {
  auto answer = http::get(request.query("url").value_or(""));
  if (!answer) return problem(answer.error());
  return text(std::to_string(answer->status) + " " + std::string(answer->content()));
}

Response pieces(Request& request) {
  const int count = number(request.parameter("count"));
  return stream([count](BodyWriter& out) {
    for (int i = 0; i < count; ++i) {
      if (!out.write("piece " + std::to_string(i) + "\n")) return;
    }
  });
}

Response echo(Request& request) {
  std::string all;
  for (auto part = request.read(); part && !part->empty(); part = request.read()) all += *part;
  Response answer(200, all);
  for (std::string_view each : request.headers().get_all("x-each"))
    answer.headers.append("x-each", each);
  return answer;
}

Router routes() {
  Router router;
  router.any("/kv/:store/:key", key_value)
      .get("/kv/:store", keys)
      .get("/variable/:name", show_variable);
  router.get("/cats", cats).post("/cats", cats);
  router.get("/redis/:port", redis).get("/fetch", fetch).get("/pieces/:count", pieces);
  router.post("/echo", echo);
  router.get("/files/*",
             [](Request& request) { return text("rest " + std::string(request.parameter("*"))); });
  router.get("/files/known", [](Request&) { return text("known"); });
  router.get("/old", [](Request&) { return redirect("/new", 301); });
  return router;
}

}  // namespace

SPINDLE_HTTP(routes)
