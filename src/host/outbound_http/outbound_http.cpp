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

http::Outcome<wasi::OutboundDestination> HttpGate::to_self() {
  if (!permission_.permits_self()) {
    return {FailureCode::RequestDenied, "the application itself is not allowed"};
  }
  if (place_.services == nullptr || !place_.services->self) {
    return {FailureCode::ConnectionRefused, "the application does not listen"};
  }
  wasi::OutboundDestination destination{.origin = *place_.services->self};
  const auto text = destination.origin.to_string();
  destination.authority = text.substr(text.find("://") + 3);
  return destination;
}

http::Outcome<wasi::OutboundDestination> HttpGate::to_component(const app::Url& url,
                                                                std::string_view id) const {
  // As in Spin, where nobody listens for it.
  if (url.scheme != "http") {
    return {FailureCode::TlsProtocolError, "components of this application speak http only"};
  }
  if (place_.depth >= kChainMax) {
    return {FailureCode::InternalError,
            fmt::format("a chain of more than {} components that call each other", kChainMax)};
  }
  return wasi::OutboundDestination{.origin = origin_of(url),
                                   .authority = authority_of(url),
                                   .component = std::string(id),
                                   .depth = place_.depth + 1};
}

http::Outcome<wasi::OutboundDestination> HttpGate::admit(const wasi::OutboundRequest& request) {
  const auto scheme = request.scheme.value_or("https");
  if (scheme != "http" && scheme != "https") {
    return {FailureCode::ProtocolError, fmt::format("the scheme `{}` is not supported", scheme)};
  }
  const auto authority = request.authority.value_or("");
  if (authority.empty()) return to_self();
  // A path, a query or user info would be read as such; none belongs into an authority.
  const bool is_plain = authority.find_first_of("/?#\\@") == std::string::npos;
  auto url = is_plain ? app::parse_url(fmt::format("{}://{}", scheme, authority)) : std::nullopt;
  if (!url) {
    return {FailureCode::RequestUriInvalid, fmt::format("invalid authority {:?}", authority)};
  }
  if (url->host == "self.alt") return to_self();
  if (!permission_.permits(*url)) {
    return {FailureCode::RequestDenied,
            fmt::format("{} is not allowed", app::destination_pattern(*url))};
  }
  if (auto component = app::chained_component(url->host)) return to_component(*url, *component);
  auto origin = origin_of(*url);
  const bool is_secure = origin.scheme == http::Scheme::Https;
  if (is_secure && config_.tls != nullptr) {
    origin.tls = config_.tls->number_for(config_.component, url->host);
  }
  if (!is_secure && authority == config_.http2_authority) origin.plain = http::Protocol::Http2;
  return wasi::OutboundDestination{.origin = std::move(origin), .authority = authority_of(*url)};
}

}  // namespace spindle::host
