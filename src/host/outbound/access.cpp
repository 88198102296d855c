#include "host/outbound/access.h"

#include <fmt/format.h>

#include <algorithm>

namespace spindle::host {

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

const app::AllowedHosts* OutboundPermission::hosts() {
  if (const auto* fixed = access_.find_fixed()) return fixed;
  if (!resolved_) resolved_.emplace(access_.resolve());
  return resolved_->has_value() ? &**resolved_ : nullptr;
}

bool OutboundPermission::permits(const app::Url& url) {
  const auto* hosts = this->hosts();
  if (hosts != nullptr && hosts->permits(url)) return true;
  access_.report_denial(url);
  return false;
}

bool OutboundPermission::permits_self() {
  const auto* hosts = this->hosts();
  if (hosts != nullptr && (hosts->permits_self("http") || hosts->permits_self("https"))) {
    return true;
  }
  access_.report_denial({.scheme = "http", .host = "self"});
  return false;
}

bool OutboundPermission::permits(std::string_view url, std::string_view default_scheme) {
  auto destination = app::parse_destination(url, default_scheme);
  return destination && permits(*destination);
}

}  // namespace spindle::host
