#pragma once

// Which component answers a path.
//
// A route is a pattern over the raw (not percent-decoded) path: exact segments, `:name` parameters,
// `:name.:ext` parameters split by dots, and a trailing wildcard `...` or `*`. Candidates are
// ordered once, most specific first (exact before parameter before wildcard at the first position
// where they differ), and the first that matches serves. The rules are those of Spin's router; the
// tests list them as tables.
//
// A RouteTable is immutable and shared by all event loops; a match allocates only for parameters.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace spindle::trigger {

struct RouteSegment {
  enum class Kind : uint8_t { Exact, Param, Wildcard, Dot, Slash };
  Kind kind;
  std::string text;  // of Exact; the name of Param

  bool operator==(const RouteSegment&) const = default;
};

class Route {
 public:
  // Fails on `:` without a name, `*name`, and a wildcard that is not last.
  static Result<Route> parse(std::string_view raw);

  // As the manifest has it: `/a/:name/...`.
  const std::string& raw() const { return raw_; }
  // With a leading and without a trailing slash; `/` is the empty string.
  const std::string& normalized() const { return normalized_; }
  // The pattern without its wildcard, for people: `/a/:name`; `/` for the root.
  std::string prefix() const;
  bool has_wildcard() const;

  struct Captures {
    std::vector<std::pair<std::string_view, std::string_view>> params;  // name, raw value
    std::string trailing;                                               // what the wildcard took
  };
  // The views point into this route and into `path`.
  std::optional<Captures> match(std::string_view path) const;

  // Whether this route is tried before the other one; false where declaration order decides.
  bool precedes(const Route& other) const;

 private:
  std::string raw_;
  std::string normalized_;
  std::vector<RouteSegment> segments_;
  size_t dot_count_ = 0;
};

class RouteTable {
 public:
  struct Entry {
    Route route;
    size_t target;  // the caller's index
  };
  struct Match {
    const Route* route;
    size_t target;
    Route::Captures captures;
  };
  struct Replaced {
    std::string raw;
    size_t target;
  };

  // Among equal raw routes the last one wins and keeps the first one's place.
  static Result<RouteTable> create(const std::vector<std::pair<std::string, size_t>>& routes);

  std::optional<Match> match(std::string_view path) const;
  // In the order in which they are tried.
  const std::vector<Entry>& entries() const { return entries_; }
  // Targets that a later equal route displaced.
  const std::vector<Replaced>& replaced() const { return replaced_; }

 private:
  std::vector<Entry> entries_;
  std::vector<Replaced> replaced_;
};

}  // namespace spindle::trigger
