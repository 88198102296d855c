#pragma once

// What a component may reach outside: the one question that every outbound capability asks first,
// whatever its protocol. Addresses behind names are judged later, when a connection is made
// (io/dialer.h, address_policy.h).
//
//   OutboundAccess       the allowed_outbound_hosts of a component. Made once, shared by threads.
//   OutboundPermission   the same for one instance: entries with templates are resolved at its
//                        first question, and hold as long as the instance lives.
//
// What cannot be parsed is not permitted. Differs from Spin: a destination that is denied over and
// over is reported once per component.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/allowed_hosts.h"
#include "app/locked_app.h"
#include "app/variables.h"
#include "host/outbound/connection_limits.h"

namespace spindle::host {

// Told about a denied destination, from any thread; `help` says how to allow it.
using DenialReport = std::function<void(const std::string& text, const std::string& help)>;

// What the components of an application share.
struct OutboundTerms {
  // For entries that mean all of them.
  std::vector<std::string> component_ids;
  DenialReport report_denial;
  // Of the process; by itself it limits nothing.
  std::shared_ptr<ConnectionLimits> limits =
      std::make_shared<ConnectionLimits>(app::OutboundConfig{});
  // Of one MQTT message; absent: the host's own limit.
  std::optional<uint64_t> mqtt_payload_bytes_max;
};

class OutboundAccess {
 public:
  // Nothing is allowed.
  OutboundAccess() = default;
  // `resolver` outlives it. Entries without templates are parsed now.
  static Result<OutboundAccess> create(const app::LockedComponent& component,
                                       const app::Resolver& resolver, OutboundTerms terms);

  // The same for all, unless entries have templates.
  const app::AllowedHosts* find_fixed() const { return fixed_ ? &*fixed_ : nullptr; }
  Result<app::AllowedHosts> resolve() const;
  void report_denial(const app::Url& url) const;
  const std::shared_ptr<ConnectionLimits>& limits() const { return terms_.limits; }

 private:
  static constexpr size_t kReportedMax = 100;
  struct Reported {
    std::mutex mutex;
    std::set<std::string> patterns;
  };

  std::optional<app::AllowedHosts> fixed_ = app::AllowedHosts();
  std::vector<std::string> entries_;
  OutboundTerms terms_;
  const app::Resolver* resolver_ = nullptr;
  std::shared_ptr<Reported> reported_ = std::make_shared<Reported>();
};

class OutboundPermission {
 public:
  // `access` outlives it.
  explicit OutboundPermission(const OutboundAccess& access) : access_(access) {}
  OutboundPermission(const OutboundPermission&) = delete;
  OutboundPermission& operator=(const OutboundPermission&) = delete;

  // A denial is reported.
  bool permits(const app::Url& url);
  // The application's own listener.
  bool permits_self();
  // A URL, or a bare authority that gets `default_scheme`.
  bool permits(std::string_view url, std::string_view default_scheme);

  // How many connections there may be, whoever has them.
  ConnectionLimits& limits() const { return *access_.limits(); }

 private:
  // Null where entries cannot be resolved.
  const app::AllowedHosts* hosts();

  const OutboundAccess& access_;
  std::optional<Result<app::AllowedHosts>> resolved_;
};

}  // namespace spindle::host
