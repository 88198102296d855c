// score: GET /score?id=SESSION is what its cat got so far.

#include <spindle/http.h>
#include <spindle/json.h>

#include <algorithm>

#include "../shared/scores.h"

using namespace spindle;
using namespace spindle::http;
using namespace whiskers;

namespace {

Response show(const Request& request) {
  if (request.method() != "GET") return Response(405).with("allow", "GET");
  const std::string id = request.query("id").value_or("");
  if (!is_session_id(id)) return explain({ErrorKind::Invalid, "expected ?id=SESSION"});
  const auto counts = find_counts(id);
  if (!counts) return explain(counts.error());
  Json score = {{"id", id}};
  int64_t total = 0;
  for (size_t i = 0; i < kKinds.size(); ++i) {
    score[std::string(kKinds[i])] = (*counts)[i];
    total += kKinds[i] == "wrong" ? -(*counts)[i] : (*counts)[i];
  }
  // A cat is finicky, not spiteful.
  score["total"] = std::max<int64_t>(total, 0);
  return json(score).with("cache-control", "no-store");
}

}  // namespace

SPINDLE_HTTP(show)
