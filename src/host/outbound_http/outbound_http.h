#pragma once

// HttpGate: what every outbound request of an instance passes, in all versions of wasi:http.
//
// The URL that is checked is the one that is connected to: host and port are those of the parsed
// URL, not of the text, and the Host header is made of them.
//
// Works:   plain HTTP/1.1 with names, addresses and ports; allowed hosts with templates; denials as
//          Spin words them.
// Refused: https (`TLS-protocol-error`); the application's own address and `*.spin.internal`
//          (`internal-error` "... is not supported yet"); other schemes (`HTTP-protocol-error`).

#include "host/outbound/access.h"
#include "wasi/core/http/outbound.h"

namespace spindle::host {

class HttpGate final : public wasi::OutboundGate {
 public:
  // `permission` outlives it.
  explicit HttpGate(OutboundPermission& permission) : permission_(permission) {}

  http::Outcome<wasi::OutboundDestination> admit(const wasi::OutboundRequest& request) override;

 private:
  OutboundPermission& permission_;
};

}  // namespace spindle::host
