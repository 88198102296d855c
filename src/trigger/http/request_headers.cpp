#include "trigger/http/request_headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/utf8.h"

namespace spindle::trigger {
namespace {

constexpr std::array<std::string_view, 7> kHostNames = {
    "spin-path-info",   "spin-full-url",        "spin-matched-route",       "spin-base-path",
    "spin-client-addr", "spin-component-route", "spin-raw-component-route",
};

constexpr std::string_view kParameterPrefix = "spin-path-match-";

// The route without a trailing `/...`.
std::string_view component_route(const Route& route) {
  std::string_view raw = route.raw();
  if (raw.ends_with("/...")) raw.remove_suffix(4);
  return raw;
}

}  // namespace

bool RequestHeaders::is_set_by_host(std::string_view name) {
  if (!name.starts_with("spin-")) return false;
  return name.starts_with(kParameterPrefix) ||
         std::ranges::find(kHostNames, name) != kHostNames.end();
}

std::string_view RequestHeaders::join(std::initializer_list<std::string_view> pieces) {
  const size_t at = texts_.size();
  for (std::string_view piece : pieces) texts_.insert(texts_.end(), piece.begin(), piece.end());
  return std::string_view(texts_.data(), texts_.size()).substr(at);
}

std::string_view RequestHeaders::parameter_header(std::string_view parameter) {
  const size_t at = texts_.size();
  join({kParameterPrefix});
  for (char c : parameter) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    texts_.push_back(c == '_' ? '-' : c);
  }
  return std::string_view(texts_.data(), texts_.size()).substr(at);
}

Result<RequestHeaders> RequestHeaders::make(const http::Request& request,
                                            const RouteTable::Match& match, NotText not_text) {
  RequestHeaders made;
  const auto& head = request.head();
  made.headers_.reserve(head.headers.size() + kHostNames.size() + match.captures.params.size());
  for (const auto& header : head.headers) {
    if (header.name == "connection" || is_set_by_host(header.name)) continue;
    if (!is_valid_utf8(header.value)) {
      if (not_text == NotText::LeftOut) continue;
      return Error::invalid_input(
          fmt::format("the value of the request header `{}` is not UTF-8", header.name));
    }
    made.headers_.push_back(header);
  }
  made.client_count_ = made.headers_.size();
  made.add_host_headers(request, match);
  return made;
}

void RequestHeaders::add_host_headers(const http::Request& request,
                                      const RouteTable::Match& match) {
  const auto& head = request.head();
  const auto& params = match.captures.params;
  const std::string_view scheme = request.scheme() == http::Scheme::Https ? "https" : "http";
  const std::string_view host = head.headers.find("host").value_or("localhost");
  const std::string peer = request.peer().to_string();
  size_t bytes = scheme.size() + 3 + host.size() + head.path_and_query.size() + peer.size();
  for (const auto& [name, value] : params) bytes += kParameterPrefix.size() + name.size();
  texts_.reserve(bytes);
  headers_.push_back({"spin-path-info", match.captures.trailing});
  headers_.push_back({"spin-full-url", join({scheme, "://", host, head.path_and_query})});
  headers_.push_back({"spin-matched-route", match.route->normalized()});
  headers_.push_back({"spin-base-path", "/"});
  headers_.push_back({"spin-raw-component-route", match.route->raw()});
  headers_.push_back({"spin-component-route", component_route(*match.route)});
  headers_.push_back({"spin-client-addr", join({peer})});
  for (const auto& [name, value] : params) {
    headers_.push_back({parameter_header(name), value});
  }
}

}  // namespace spindle::trigger
