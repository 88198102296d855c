// tally: POST /tally {"id", "wish", "food"} counts one morsel, right or wrong.
//
// With embedded stores it is counted at once. With Redis it is published, and the same program
// hears it again on the channel and counts it there, as the first version of the game did.

#include <spindle/http.h>
#include <spindle/json.h>
#include <spindle/redis.h>

#include <algorithm>
#include <chrono>

#include "../shared/scores.h"

using namespace spindle;
using namespace spindle::http;
using namespace whiskers;

namespace {

constexpr std::string_view kChannel = "finicky-tally";
// A morsel that was thrown in time may arrive late.
constexpr int64_t kGraceMs = 5'000;

int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

bool is_over(const Json& session) {
  const int64_t length = get<int64_t>(session, "seconds").value_or(0) * 1000;
  return now_ms() > get<int64_t>(session, "born").value_or(0) + length + kGraceMs;
}

// What the cat wished for then, or nothing.
std::string wished_food(const Json& session, int64_t wish) {
  const auto menu = session.find("menu");
  if (menu == session.end() || wish < 0 || wish >= static_cast<int64_t>(menu->size())) return {};
  return get<std::string>((*menu)[wish], "food").value_or("");
}

Result<void> count(const std::string& id, std::string_view kind) {
  const std::string address = redis_address();
  if (address.empty()) return add_in_sqlite(id, kind);
  auto redis = Redis::open(address);
  if (!redis) return std::unexpected(redis.error());
  return redis->publish(kChannel, Json({{"id", id}, {"kind", kind}}).dump());
}

Response feed(const Request& request) {
  if (request.method() != "POST") return Response(405).with("allow", "POST");
  const auto morsel = parse_json(request.body());
  if (!morsel) return explain(morsel.error());
  const auto id = get<std::string>(*morsel, "id");
  const auto wish = get<int64_t>(*morsel, "wish");
  const auto food = get<std::string>(*morsel, "food");
  if (!id || !is_session_id(*id) || !wish || !food) {
    return explain({ErrorKind::Invalid, "expected an id, a wish and a food"});
  }
  const auto session = find_session(*id);
  if (!session) return explain(session.error());
  if (is_over(*session)) return json({{"error", "the round is over"}}, 410);
  const std::string wished = wished_food(*session, *wish);
  if (wished.empty()) return explain({ErrorKind::Invalid, "the cat has no such wish"});
  const bool right = *food == wished;
  const auto counted = count(*id, right ? std::string_view(wished) : "wrong");
  if (!counted) return explain(counted.error());
  return json({{"right", right}});
}

// Anybody may publish.
Result<void> hear(std::string_view message) {
  const auto morsel = parse_json(message);
  if (!morsel) return std::unexpected(morsel.error());
  const auto id = get<std::string>(*morsel, "id").value_or("");
  const auto kind = get<std::string>(*morsel, "kind").value_or("");
  if (!is_session_id(id) || std::ranges::find(kKinds, kind) == kKinds.end()) {
    return fail(ErrorKind::Invalid, "expected an id and a kind");
  }
  return add_in_redis(id, kind);
}

}  // namespace

SPINDLE_HTTP(feed)
SPINDLE_REDIS(hear)
