// The SDK's clients of servers: each path says what came back.
#include <spindle/llm.h>
#include <spindle/mqtt.h>
#include <spindle/router.h>
#include <spindle/sql.h>

using namespace spindle;
using namespace spindle::http;

namespace {

const char* kind_name(ErrorKind kind) {
  static constexpr const char* kNames[] = {"other",       "denied", "not found", "invalid",
                                           "unavailable", "full",   "canceled"};
  return kNames[static_cast<int>(kind)];
}

Response problem(const Error& error) {
  return text(std::string(kind_name(error.kind)) + ": " + error.message, 500);
}

std::string address(std::string_view scheme, Request& request) {
  return std::string(scheme) + "://spin:spin@localhost:" + std::string(request.parameter("port")) +
         "/spin_dev";
}

const SqlRow kCat = {1, "Ada", 4.5, true, nullptr, Bytes{1, 0, 255}};

Response cats_in_postgres(Request& request) {
  auto db = Postgres::open(address("postgres", request) + "?sslmode=disable");
  if (!db) return problem(db.error());
  auto made = db->execute(
      "CREATE TABLE cats (id int8, name text, weight float8, tame bool, owner text, photo bytea)");
  if (!made) return problem(made.error());
  auto added = db->execute("INSERT INTO cats VALUES ($1, $2, $3, $4, $5, $6)", kCat);
  if (!added) return problem(added.error());
  auto found = db->query("SELECT * FROM cats WHERE name = $1", {"Ada"});
  if (!found) return problem(found.error());
  const bool is_right = added == 1U && found->rows == std::vector<SqlRow>{kCat} &&
                        found->columns.size() == 6 && found->columns[1] == "name" &&
                        db->query("SELECT 1 FROM cats WHERE id > 5")->rows.empty();
  return text(is_right ? "all right" : "wrong");
}

Response cats_in_mysql(Request& request) {
  auto db = MySql::open(address("mysql", request));
  if (!db) return problem(db.error());
  auto made = db->execute(
      "CREATE TABLE cpp_cats (id BIGINT, name VARCHAR(9), weight DOUBLE, tame BIGINT, owner TEXT, "
      "photo BLOB)");
  if (!made) return problem(made.error());
  auto added = db->execute("INSERT INTO cpp_cats VALUES (?, ?, ?, ?, ?, ?)", kCat);
  if (!added) return problem(added.error());
  auto found = db->query("SELECT * FROM cpp_cats WHERE name = ?", {"Ada"});
  if (!found) return problem(found.error());
  SqlRow cat = kCat;
  cat[3] = 1;
  return text(found->rows == std::vector<SqlRow>{cat} ? "all right" : "wrong");
}

Response ask_nothing(Request& request) {
  const std::string_view scheme = request.parameter("server");
  if (scheme == "postgres") {
    auto db = Postgres::open(address(scheme, request) + "?sslmode=disable");
    auto found = db ? db->query("SELECT * FROM missing") : std::unexpected(db.error());
    return found ? text("found") : problem(found.error());
  }
  auto db = MySql::open(address(scheme, request));
  auto found = db ? db->query("SELECT * FROM missing") : std::unexpected(db.error());
  return found ? text("found") : problem(found.error());
}

Response publish(Request& request) {
  const std::string to =
      "mqtt://127.0.0.1:" + std::string(request.parameter("port")) + "?client_id=cpp";
  auto broker = Mqtt::open(to, {"", ""});
  if (!broker) return problem(broker.error());
  using enum Mqtt::Quality;
  for (auto quality : {AtMostOnce, AtLeastOnce, ExactlyOnce}) {
    auto done = broker->publish("cats", "meow", quality);
    if (!done) return problem(done.error());
  }
  return text("published");
}

Response complete(Request& request) {
  auto answer = infer(request.parameter("model"), "tea?", {.max_tokens = 7});
  if (!answer) return problem(answer.error());
  auto vectors = embed(request.parameter("model"), {"one", "two"});
  if (!vectors) return problem(vectors.error());
  return text(answer->text + " " + std::to_string(answer->prompt_tokens) + " " +
              std::to_string(answer->generated_tokens) + " " + std::to_string(vectors->size()) +
              " " + std::to_string(vectors->at(1).at(0)));
}

Router routes() {
  Router router;
  router.get("/cats/postgres/:port", cats_in_postgres).get("/cats/mysql/:port", cats_in_mysql);
  router.get("/missing/:server/:port", ask_nothing);
  router.get("/mqtt/:port", publish).get("/llm/:model", complete);
  return router;
}

}  // namespace

SPINDLE_HTTP(routes)
