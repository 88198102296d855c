#pragma once

// What tally and score share: a session as the service `session` wrote it, and how often its cat
// got what. Sessions are in the key-value store and counts in SQLite, or both in Redis, where the
// variable `redis` has an address.
//
// Counts are only ever added to, in one statement or command of the database, so that no two
// requests can lose each other's.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <spindle/error.h>
#include <spindle/json.h>

namespace whiskers {

// What a morsel was: right, as one of the foods, or wrong.
inline constexpr std::array<std::string_view, 5> kKinds = {"fish", "chicken", "beef", "veg",
                                                           "wrong"};
using Counts = std::array<int64_t, kKinds.size()>;

// Empty where everything stays in the embedded stores.
std::string redis_address();

// 26 letters and digits: nothing else becomes part of a key.
bool is_session_id(std::string_view id);

// {"born": milliseconds, "seconds": length, "menu": [{"food", "at"}, ...]}; NotFound where nobody
// began that session.
spindle::Result<spindle::Json> find_session(std::string_view id);

spindle::Result<void> add_in_sqlite(std::string_view id, std::string_view kind);
spindle::Result<void> add_in_redis(std::string_view id, std::string_view kind);
// Zeros for a session that has fed nothing.
spindle::Result<Counts> find_counts(std::string_view id);

// The status for what went wrong.
spindle::http::Response explain(const spindle::Error& error);

}  // namespace whiskers
