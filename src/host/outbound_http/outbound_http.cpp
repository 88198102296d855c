#include "host/outbound_http/outbound_http.h"

#include <fmt/format.h>

#include <algorithm>

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

Result<OutboundAccess> OutboundAccess::create(const app::LockedComponent& component,
                                              const app::Resolver& resolver, OutboundTerms terms) {
  OutboundAccess access;
  access.entries_ = component.allowed_outbound_hosts;
  access.terms_ = std::move(terms);
  access.resolver_ = &resolver;
  access.fixed_.reset();
  const bool has_templates = std::ranges::any_of(
      access.entries_, [](const std::string& entry) { return entry.contains("{{"); });
  if (has_templates) return access;
  auto fixed = TRY(access.resolve());
  access.fixed_ = std::move(fixed);
  return access;
}

Result<app::AllowedHosts> OutboundAccess::resolve() const {
  return app::resolve_allowed_hosts(entries_, terms_.component_ids,
                                    [this](std::string_view text) -> Result<std::string> {
                                      auto resolved = resolver_->resolve_template(text);
                                      if (!resolved)
                                        return Error::unavailable(resolved.error().message);
                                      return *resolved;
                                    });
}

void OutboundAccess::report_denial(const app::Url& url) const {
  if (!terms_.report_denial) return;
  const auto pattern = app::destination_pattern(url);
  {
    const std::lock_guard lock(reported_->mutex);
    const bool is_new =
        reported_->patterns.size() < kReportedMax && reported_->patterns.insert(pattern).second;
    if (!is_new) return;
  }
  const bool is_self = url.host == "self" && url.scheme.starts_with("http");
  terms_.report_denial(
      is_self ? "A component tried to make an HTTP request to its own app but it does not have "
                "permission."
              : fmt::format("A component tried to make an outbound network connection to "
                            "disallowed destination '{}'.",
                            pattern),
      fmt::format("To allow this request, add 'allowed_outbound_hosts = [\"{}\"]' to the manifest "
                  "component section.",
                  pattern));
}

bool HttpGate::permits(const app::Url& url) {
  if (const auto* fixed = access_.find_fixed()) return fixed->permits(url);
  if (!resolved_) resolved_.emplace(access_.resolve());
  return resolved_->has_value() && (*resolved_)->permits(url);
}

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
  if (!permits(*url)) {
    access_.report_denial(*url);
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
