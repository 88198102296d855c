#pragma once

// AddressPolicy: which addresses the operator lets outbound connections reach, whatever name led
// there. It is asked about each address that a name resolved to, just before the connection.
//
// "private" is everything that is not globally routable (RFC 6890 and the IANA registries of
// special-purpose addresses). IPv6 addresses that stand for an IPv4 address are judged as that one
// too.

#include "app/runtime_config.h"
#include "io/dialer.h"

namespace spindle::host {

class AddressPolicy final : public io::AddressGate {
 public:
  AddressPolicy() = default;
  explicit AddressPolicy(const app::OutboundConfig& config)
      : blocked_(config.blocked_networks), blocks_private_(config.blocks_private) {}

  bool permits(const io::Endpoint& endpoint) const override;

 private:
  bool is_blocked(const app::IpAddress& address) const;

  std::vector<app::Network> blocked_;
  bool blocks_private_ = false;
};

// Whether an address can be reached from everywhere.
bool is_global(const app::IpAddress& address);

}  // namespace spindle::host
