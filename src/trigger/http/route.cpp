#include "trigger/http/route.h"

#include <fmt/format.h>

#include <algorithm>

namespace spindle::trigger {
namespace {

using Kind = RouteSegment::Kind;

std::string_view trim_slashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

std::string normalize(std::string_view raw) {
  std::string text(raw);
  if (!text.starts_with('/')) text.insert(0, "/");
  if (text.ends_with('/')) text.pop_back();
  return text;
}

Result<RouteSegment> parse_word(std::string_view word, std::string_view raw) {
  if (word == "*") return RouteSegment{Kind::Wildcard, {}};
  if (word.starts_with('*')) {
    return Error::invalid_input(
        fmt::format("route `{}`: `{}` is not a wildcard, expected `...` or `*` alone", raw, word));
  }
  if (!word.starts_with(':')) return RouteSegment{Kind::Exact, std::string(word)};
  if (word.size() == 1) {
    return Error::invalid_input(
        fmt::format("route `{}`: a parameter needs a name, as in `:id`", raw));
  }
  return RouteSegment{Kind::Param, std::string(word.substr(1))};
}

Result<void> append_section(std::string_view section, std::string_view raw,
                            std::vector<RouteSegment>& segments) {
  if (section == "...") {
    segments.push_back({Kind::Wildcard, {}});
    return {};
  }
  size_t start = 0;
  while (true) {
    size_t dot = section.find('.', start);
    auto word = section.substr(start, dot == std::string_view::npos ? dot : dot - start);
    if (!word.empty()) {
      auto segment = TRY(parse_word(word, raw));
      segments.push_back(std::move(segment));
    }
    if (dot == std::string_view::npos) return {};
    segments.push_back({Kind::Dot, {}});
    start = dot + 1;
  }
}

int rank(Kind kind) {
  switch (kind) {
    case Kind::Exact: return 3;
    case Kind::Param: return 2;
    case Kind::Wildcard: return 1;
    case Kind::Dot:
    case Kind::Slash: return 0;
  }
  return 0;
}

// What a parameter takes from `rest`: up to the separator that follows it in the route.
std::optional<size_t> parameter_length(std::string_view rest, const RouteSegment* next) {
  size_t slash = std::min(rest.find('/'), rest.size());
  if (next != nullptr && next->kind == Kind::Dot) {
    size_t dot = rest.find('.');
    if (dot == std::string_view::npos || dot > slash) return std::nullopt;
    return dot;
  }
  return slash;
}

}  // namespace

Result<Route> Route::parse(std::string_view raw) {
  Route route;
  route.raw_ = raw;
  route.normalized_ = normalize(raw);
  auto rest = trim_slashes(raw);
  bool first = true;
  while (!rest.empty()) {
    size_t slash = std::min(rest.find('/'), rest.size());
    auto section = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (section.empty()) continue;
    if (!first) route.segments_.push_back({Kind::Slash, {}});
    first = false;
    TRY(append_section(section, raw, route.segments_));
  }
  for (size_t index = 0; index < route.segments_.size(); ++index) {
    auto kind = route.segments_[index].kind;
    if (kind == Kind::Dot) route.dot_count_ += 1;
    if (kind == Kind::Wildcard && index + 1 != route.segments_.size()) {
      return Error::invalid_input(
          fmt::format("route `{}`: a wildcard must be the last segment", raw));
    }
  }
  return route;
}

bool Route::has_wildcard() const {
  return !segments_.empty() && segments_.back().kind == Kind::Wildcard;
}

std::string Route::prefix() const {
  auto text = normalized_;
  for (std::string_view wildcard : {"/...", "/*"}) {
    if (text.ends_with(wildcard)) text.resize(text.size() - wildcard.size());
  }
  return text.empty() ? "/" : text;
}

std::optional<Route::Captures> Route::match(std::string_view path) const {
  Captures captures;
  auto rest = trim_slashes(path);
  for (size_t index = 0; index < segments_.size(); ++index) {
    const auto& segment = segments_[index];
    switch (segment.kind) {
      case Kind::Exact:
        if (!rest.starts_with(segment.text)) return std::nullopt;
        rest.remove_prefix(segment.text.size());
        break;
      case Kind::Param: {
        const auto* next = index + 1 < segments_.size() ? &segments_[index + 1] : nullptr;
        auto length = parameter_length(rest, next);
        if (!length || *length == 0) return std::nullopt;
        captures.params.emplace_back(segment.text, rest.substr(0, *length));
        rest.remove_prefix(*length);
        break;
      }
      case Kind::Wildcard:
        captures.trailing = rest;
        rest = {};
        break;
      case Kind::Dot:
        if (!rest.starts_with('.')) return std::nullopt;
        rest.remove_prefix(1);
        break;
      case Kind::Slash:
        // At the end of the path only a wildcard can still match, with nothing.
        if (rest.empty()) break;
        if (!rest.starts_with('/')) return std::nullopt;
        rest.remove_prefix(1);
        break;
    }
  }
  if (!rest.empty()) return std::nullopt;
  if (has_wildcard()) {
    if (!captures.trailing.empty()) captures.trailing.insert(0, "/");
    if (path.ends_with('/')) captures.trailing += '/';
  }
  return captures;
}

bool Route::precedes(const Route& other) const {
  size_t shared = std::min(segments_.size(), other.segments_.size());
  for (size_t index = 0; index < shared; ++index) {
    int mine = rank(segments_[index].kind);
    int theirs = rank(other.segments_[index].kind);
    if (mine != theirs) return mine > theirs;
  }
  if (dot_count_ != other.dot_count_) return dot_count_ > other.dot_count_;
  return segments_.size() < other.segments_.size();
}

Result<RouteTable> RouteTable::create(const std::vector<std::pair<std::string, size_t>>& routes) {
  RouteTable table;
  for (const auto& [raw, target] : routes) {
    auto same = std::ranges::find_if(table.entries_,
                                     [&](const Entry& entry) { return entry.route.raw() == raw; });
    if (same != table.entries_.end()) {
      table.replaced_.push_back({raw, same->target});
      same->target = target;
      continue;
    }
    auto route = TRY(Route::parse(raw));
    table.entries_.push_back({std::move(route), target});
  }
  std::ranges::stable_sort(table.entries_, [](const Entry& left, const Entry& right) {
    return left.route.precedes(right.route);
  });
  return table;
}

std::optional<RouteTable::Match> RouteTable::match(std::string_view path) const {
  for (const auto& entry : entries_) {
    auto captures = entry.route.match(path);
    if (captures) return Match{&entry.route, entry.target, std::move(*captures)};
  }
  return std::nullopt;
}

}  // namespace spindle::trigger
