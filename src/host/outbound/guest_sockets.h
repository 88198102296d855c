#pragma once

// Which sockets guests may use: the gate of wasi:sockets of every version.
//
// GuestSockets is the gate of one instance: allowed_outbound_hosts with the scheme `tcp` or `udp`,
// then the networks that the operator blocks. The address that is checked is the one that the
// system call gets. Nobody waits where there are as many connections as there may be.

#include "host/outbound/access.h"
#include "io/dialer.h"
#include "wasi/core/sockets/socket_gate.h"

namespace spindle::host {

class GuestSockets final : public wasi::SocketGate {
 public:
  // Both outlive it. Without a dialer nothing leaves.
  GuestSockets(OutboundPermission& permission, const io::Dialer* dialer)
      : permission_(permission), dialer_(dialer) {}

  bool is_open() const override { return dialer_ != nullptr; }
  bool permits(io::Transport transport, const io::Endpoint& address) override;
  std::optional<wasi::ConnectionPermit> take_permit() override;

 private:
  OutboundPermission& permission_;
  const io::Dialer* dialer_;
};

}  // namespace spindle::host
