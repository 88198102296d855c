#include "host/outbound_http/outbound_http.h"

#include <fmt/format.h>

namespace spindle::host {

namespace {

using http::FailureCode;

// `host:port` as the Host header has it.
std::string authority_of(const app::Url& url) {
  return url.port ? fmt::format("{}:{}", url.host, *url.port) : url.host;
}

http::Origin origin_of(const app::Url& url) {
  http::Origin origin;
  origin.scheme = url.scheme == "https" ? http::Scheme::Https : http::Scheme::Http;
  origin.host = url.host;
  if (origin.host.starts_with('[')) origin.host = origin.host.substr(1, origin.host.size() - 2);
  origin.port = url.port.value_or(*app::default_port(url.scheme));
  return origin;
}

}  // namespace

http::Outcome<wasi::OutboundDestination> HttpGate::admit(const wasi::OutboundRequest& request) {
  const auto scheme = request.scheme.value_or("https");
  if (scheme != "http" && scheme != "https") {
    return {FailureCode::ProtocolError, fmt::format("the scheme `{}` is not supported", scheme)};
  }
  const auto authority = request.authority.value_or("");
  if (authority.empty()) {
    return {FailureCode::InternalError, "requests to the application itself are not supported yet"};
  }
  // A path, a query or user info would be read as such; none belongs into an authority.
  const bool is_plain = authority.find_first_of("/?#\\@") == std::string::npos;
  auto url = is_plain ? app::parse_url(fmt::format("{}://{}", scheme, authority)) : std::nullopt;
  if (!url) {
    return {FailureCode::RequestUriInvalid, fmt::format("invalid authority {:?}", authority)};
  }
  if (!permission_.permits(*url)) {
    return {FailureCode::RequestDenied,
            fmt::format("{} is not allowed", app::destination_pattern(*url))};
  }
  if (app::chained_component(url->host)) {
    return {FailureCode::InternalError, "service chaining is not supported yet"};
  }
  if (url->host == "self.alt") {
    return {FailureCode::InternalError, "requests to the application itself are not supported yet"};
  }
  return wasi::OutboundDestination{.origin = origin_of(*url), .authority = authority_of(*url)};
}

}  // namespace spindle::host
