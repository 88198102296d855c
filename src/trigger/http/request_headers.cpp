#include "trigger/http/request_headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace spindle::trigger {
namespace {

constexpr std::array<std::string_view, 7> kHostNames = {
    "spin-path-info",   "spin-full-url",        "spin-matched-route",       "spin-base-path",
    "spin-client-addr", "spin-component-route", "spin-raw-component-route",
};

bool is_set_by_host(std::string_view name) {
  if (!name.starts_with("spin-")) return false;
  return name.starts_with("spin-path-match-") ||
         std::ranges::find(kHostNames, name) != kHostNames.end();
}

std::string parameter_header(std::string_view parameter) {
  std::string name = "spin-path-match-";
  for (char c : parameter) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    name += c == '_' ? '-' : c;
  }
  return name;
}

// The route without a trailing `/...`.
std::string component_route(const Route& route) {
  std::string_view raw = route.raw();
  if (raw.ends_with("/...")) raw.remove_suffix(4);
  return std::string(raw);
}

}  // namespace

void RequestHeaders::add(std::string_view name, std::string text) {
  headers_.push_back({name, texts_.emplace_back(std::move(text))});
}

Result<RequestHeaders> RequestHeaders::make(const http::Request& request,
                                            const RouteTable::Match& match) {
  RequestHeaders made;
  const auto& head = request.head();
  made.headers_.reserve(head.headers.size() + kHostNames.size() + match.captures.params.size());
  for (const auto& header : head.headers) {
    if (header.name == "connection" || is_set_by_host(header.name)) continue;
    if (!is_valid_utf8(header.value)) {
      return Error::invalid_input(
          fmt::format("the value of the request header `{}` is not UTF-8", header.name));
    }
    made.headers_.push_back(header);
  }
  auto scheme = request.scheme() == http::Scheme::Https ? "https" : "http";
  auto host = head.headers.find("host").value_or("localhost");
  made.add("spin-path-info", match.captures.trailing);
  made.add("spin-full-url", fmt::format("{}://{}{}", scheme, host, head.path_and_query));
  made.add("spin-matched-route", match.route->normalized());
  made.headers_.push_back({"spin-base-path", "/"});
  made.headers_.push_back({"spin-raw-component-route", match.route->raw()});
  made.add("spin-component-route", component_route(*match.route));
  made.add("spin-client-addr", request.peer().to_string());
  for (const auto& [name, value] : match.captures.params) {
    auto& header = made.texts_.emplace_back(parameter_header(name));
    made.headers_.push_back({header, value});
  }
  return made;
}

}  // namespace spindle::trigger
