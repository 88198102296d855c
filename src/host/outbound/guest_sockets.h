#pragma once

// Which sockets guests may use: the gate of wasi:sockets of every version.
//
//   ConnectionQuota   how many connections the guests of an application may have at a time, over
//                     all threads (`max_socket_connections`). Nobody waits for one.
//   GuestSockets      the gate of one instance: allowed_outbound_hosts with the scheme `tcp` or
//                     `udp`, then the networks that the operator blocks.
//
// The address that is checked is the one that the system call gets.

#include <atomic>
#include <memory>

#include "host/outbound/access.h"
#include "io/dialer.h"
#include "wasi/core/sockets/socket_gate.h"

namespace spindle::host {

class ConnectionQuota : public std::enable_shared_from_this<ConnectionQuota> {
 public:
  explicit ConnectionQuota(uint32_t connections_max) : left_(connections_max) {}

  // Nothing when there are as many as there may be. From any thread.
  std::optional<wasi::ConnectionPermit> take();

 private:
  struct Permit;
  std::atomic<uint32_t> left_;
};

class GuestSockets final : public wasi::SocketGate {
 public:
  // Both outlive it. Without a dialer nothing leaves.
  GuestSockets(OutboundPermission& permission, const io::Dialer* dialer,
               const std::shared_ptr<ConnectionQuota>& quota)
      : permission_(permission), dialer_(dialer), quota_(quota.get()) {}

  bool is_open() const override { return dialer_ != nullptr; }
  bool permits(io::Transport transport, const io::Endpoint& address) override;
  std::optional<wasi::ConnectionPermit> take_permit() override;

 private:
  OutboundPermission& permission_;
  const io::Dialer* dialer_;
  // Null: as many as they like.
  ConnectionQuota* quota_;
};

}  // namespace spindle::host
