#pragma once

// HttpGate: what every outbound request of an instance passes, in all versions of wasi:http.
//
// The URL that is checked is the one that is connected to: host and port are those of the parsed
// URL, not of the text, and the Host header is made of them.
//
// Works:   HTTP/1.1, plain and over TLS (client_tls.h), HTTP/2 where a server chooses it or the
//          operator names it; names, addresses and ports; allowed
//          hosts with templates; denials as Spin words them; requests to the application itself (no
//          authority, or `self.alt`) over its listener; `ID.spin.internal`: the component ID in
//          this process, whose caller traps where no trigger runs it.
// Refused: other schemes (`HTTP-protocol-error`); more than kChainMax components that call each
//          other (`internal-error`), which Spin does not bound.

#include "host/outbound/access.h"
#include "host/outbound_http/client_tls.h"
#include "wasi/core/http/outbound.h"

namespace spindle::host {

// What the requests of a component have beside its permission.
struct OutboundHttpConfig {
  std::string component;
  // Null: no TLS of its own.
  const ClientTls* tls = nullptr;
  // Of `http` URLs, as guests write it: HTTP/2 without asking. Empty: nobody's.
  std::string http2_authority;
};

// How many components may be in a chain of calls.
inline constexpr uint32_t kChainMax = 16;

// Where an instance is reached and stands.
struct HttpPlace {
  // Null: the application does not listen.
  const wasi::OutboundServices* services = nullptr;
  // How many calls of components led to it.
  uint32_t depth = 0;
};

class HttpGate final : public wasi::OutboundGate {
 public:
  // All of it outlives the gate.
  HttpGate(OutboundPermission& permission, const OutboundHttpConfig& config, HttpPlace place)
      : permission_(permission), config_(config), place_(place) {}

  http::Outcome<wasi::OutboundDestination> admit(const wasi::OutboundRequest& request) override;

 private:
  http::Outcome<wasi::OutboundDestination> to_self();
  http::Outcome<wasi::OutboundDestination> to_component(const app::Url& url,
                                                        std::string_view id) const;

  OutboundPermission& permission_;
  const OutboundHttpConfig& config_;
  const HttpPlace place_;
};

}  // namespace spindle::host
