#include "scores.h"

#include <spindle/key_value.h>
#include <spindle/redis.h>
#include <spindle/sql.h>
#include <spindle/variables.h>

#include <algorithm>
#include <charconv>

namespace whiskers {
namespace {

using namespace spindle;

constexpr size_t kIdLength = 26;
constexpr int64_t kKeptSeconds = 3600;
constexpr std::string_view kTable =
    "CREATE TABLE IF NOT EXISTS morsels (session TEXT, kind TEXT, count INTEGER NOT NULL, "
    "PRIMARY KEY (session, kind)) WITHOUT ROWID";
constexpr std::string_view kAdd =
    "INSERT INTO morsels VALUES (?, ?, 1) "
    "ON CONFLICT (session, kind) DO UPDATE SET count = count + 1";

std::string session_key(std::string_view id) {
  return "finicky:session:" + std::string(id);
}
std::string score_key(std::string_view id) {
  return "finicky:score:" + std::string(id);
}

Result<std::optional<std::string>> read_session(std::string_view id) {
  if (const std::string address = redis_address(); !address.empty()) {
    auto redis = Redis::open(address);
    if (!redis) return std::unexpected(redis.error());
    return redis->get(session_key(id));
  }
  auto store = KeyValue::open();
  if (!store) return std::unexpected(store.error());
  return store->get(session_key(id));
}

void count(Counts& counts, std::string_view kind, int64_t number) {
  const auto found = std::ranges::find(kKinds, kind);
  if (found != kKinds.end()) counts[found - kKinds.begin()] = number;
}

int64_t number_in(const std::string& text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Result<Counts> counts_in_redis(const std::string& address, std::string_view id) {
  auto redis = Redis::open(address);
  if (!redis) return std::unexpected(redis.error());
  const auto found = redis->execute("HGETALL", {score_key(id)});
  if (!found) return std::unexpected(found.error());
  Counts counts{};
  // A field, its value, the next field.
  for (size_t i = 0; i + 1 < found->size(); i += 2) {
    const auto* kind = std::get_if<std::string>(&(*found)[i].value);
    const auto* number = std::get_if<std::string>(&(*found)[i + 1].value);
    if (kind != nullptr && number != nullptr) count(counts, *kind, number_in(*number));
  }
  return counts;
}

Result<Counts> counts_in_sqlite(std::string_view id) {
  auto db = Sqlite::open();
  if (!db) return std::unexpected(db.error());
  const auto made = db->execute(kTable);
  if (!made) return std::unexpected(made.error());
  const auto found = db->execute("SELECT kind, count FROM morsels WHERE session = ?", {id});
  if (!found) return std::unexpected(found.error());
  Counts counts{};
  for (const SqlRow& row : found->rows) count(counts, row[0].text(), row[1].integer());
  return counts;
}

}  // namespace

std::string redis_address() {
  return variable("redis").value_or("");
}

bool is_session_id(std::string_view id) {
  return id.size() == kIdLength && std::ranges::all_of(id, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

Result<Json> find_session(std::string_view id) {
  const auto found = read_session(id);
  if (!found) return std::unexpected(found.error());
  if (!found->has_value()) return fail(ErrorKind::NotFound, "no such session");
  return parse_json(**found);
}

Result<void> add_in_sqlite(std::string_view id, std::string_view kind) {
  auto db = Sqlite::open();
  if (!db) return std::unexpected(db.error());
  const auto made = db->execute(kTable);
  if (!made) return std::unexpected(made.error());
  const auto added = db->execute(kAdd, {id, kind});
  if (!added) return std::unexpected(added.error());
  return {};
}

Result<void> add_in_redis(std::string_view id, std::string_view kind) {
  auto redis = Redis::open(redis_address());
  if (!redis) return std::unexpected(redis.error());
  const std::string key = score_key(id);
  const auto now = redis->execute("HINCRBY", {key, std::string(kind), int64_t{1}});
  if (!now) return std::unexpected(now.error());
  if (now->empty() || now->front().value != decltype(RedisReply::value)(int64_t{1})) return {};
  // The first of its kind: the session is young.
  const auto expires = redis->execute("EXPIRE", {key, kKeptSeconds});
  if (!expires) return std::unexpected(expires.error());
  return {};
}

Result<Counts> find_counts(std::string_view id) {
  const std::string address = redis_address();
  return address.empty() ? counts_in_sqlite(id) : counts_in_redis(address, id);
}

http::Response explain(const Error& error) {
  const int status = error.kind == ErrorKind::NotFound  ? 404
                     : error.kind == ErrorKind::Invalid ? 400
                                                        : 503;
  return http::json({{"error", error.message}}, status);
}

}  // namespace whiskers
