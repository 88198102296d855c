#include <spindle/router.h>

#include <algorithm>

namespace spindle::http {
namespace {

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> found;
  while (!path.empty()) {
    if (path.front() == '/') path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    found.emplace_back(segment);
    path.remove_prefix(segment.size());
  }
  if (found.empty()) found.emplace_back();
  return found;
}

std::string rest_of(const std::vector<std::string>& path, size_t first) {
  std::string rest;
  for (size_t i = first; i < path.size(); ++i) rest += (i == first ? "" : "/") + path[i];
  return rest;
}

bool is_rest(std::string_view segment) {
  return segment == "*" || segment == "...";
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path,
             std::vector<Parameter>& parameters) {
  parameters.clear();
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (is_rest(pattern[i])) {
      parameters.push_back({"*", unescape(rest_of(path, i))});
      return true;
    }
    if (i >= path.size()) return false;
    if (pattern[i].starts_with(':')) {
      if (path[i].empty()) return false;
      parameters.push_back({pattern[i].substr(1), unescape(path[i])});
    } else if (pattern[i] != path[i]) {
      return false;
    }
  }
  return pattern.size() == path.size();
}

// Texts are 0, parameters 1, the rest 2: the smaller one is the more specific.
int rank(const std::string& segment) {
  return is_rest(segment) ? 2 : segment.starts_with(':') ? 1 : 0;
}

bool more_specific(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::ranges::lexicographical_compare(a, b, {}, rank, rank);
}

bool takes(const std::string& route, const std::string& method) {
  return route.empty() || route == method || (route == "GET" && method == "HEAD");
}

}  // namespace

namespace detail {

void Routes::add(std::string_view method, std::string_view pattern) {
  routes_.push_back({std::string(method), segments(pattern)});
}

std::expected<size_t, std::string> Routes::find(Request& request) const {
  const std::vector<std::string> path = segments(request.path());
  const Route* best = nullptr;
  std::string allowed;
  std::vector<Parameter> parameters;
  std::vector<Parameter> found;
  for (const Route& route : routes_) {
    if (!matches(route.pattern, path, found)) continue;
    if (!takes(route.method, request.method())) {
      allowed += (allowed.empty() ? "" : ", ") + route.method;
    } else if (best == nullptr || more_specific(route.pattern, best->pattern)) {
      best = &route;
      parameters = found;
    }
  }
  if (best == nullptr) return std::unexpected(allowed);
  request.set_parameters(std::move(parameters));
  return static_cast<size_t>(best - routes_.data());
}

Response no_route(const std::string& allowed) {
  return allowed.empty() ? text("not found\n", 404) : Response(405).with("allow", allowed);
}

Response route(const Router& router, Request& request) {
  return router(request);
}

}  // namespace detail
}  // namespace spindle::http
