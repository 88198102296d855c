#pragma once

// Outbound HTTP of components: the gate that every request of a guest passes.
//
//   OutboundAccess   what a component may reach: its allowed_outbound_hosts. Made once.
//   HttpGate         the same for one instance, whose templates are resolved with its first
//                    request; the gate of all versions of wasi:http.
//
// The URL that is checked is the one that is connected to: host and port are those of the parsed
// URL, not of the text, and the Host header is made of them.
//
// Works:   plain HTTP/1.1 with names, addresses and ports; allowed hosts with templates; denials as
//          Spin words them.
// Refused: https (`TLS-protocol-error`); the application's own address and `*.spin.internal`
//          (`internal-error` "... is not supported yet"); other schemes (`HTTP-protocol-error`).
// Differs: a destination that is denied over and over is reported once per component.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "app/allowed_hosts.h"
#include "app/locked_app.h"
#include "app/variables.h"
#include "wasi/core/http/outbound.h"

namespace spindle::host {

// Told about a denied destination, from any thread; `help` says how to allow it.
using DenialReport = std::function<void(const std::string& text, const std::string& help)>;

// What the components of an application share.
struct OutboundTerms {
  // For entries that mean all of them.
  std::vector<std::string> component_ids;
  DenialReport report_denial;
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

class HttpGate final : public wasi::OutboundGate {
 public:
  // `access` outlives it.
  explicit HttpGate(const OutboundAccess& access) : access_(access) {}

  http::Outcome<wasi::OutboundDestination> admit(const wasi::OutboundRequest& request) override;

 private:
  bool permits(const app::Url& url);

  const OutboundAccess& access_;
  std::optional<Result<app::AllowedHosts>> resolved_;
};

}  // namespace spindle::host
