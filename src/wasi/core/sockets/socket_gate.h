#pragma once

// SocketGate: which sockets the guests of an instance may make and whom these may speak to.
//
// Asked before any system call, with the address that the call will use. The host's gate looks at
// allowed_outbound_hosts, then at the networks that the operator blocks.

#include <memory>
#include <optional>

#include "io/socket.h"

namespace spindle::wasi {

// Counts as one connection for as long as anybody holds it; null where nobody counts.
using ConnectionPermit = std::shared_ptr<const void>;

class SocketGate {
 public:
  virtual ~SocketGate() = default;
  // Can sockets be made at all?
  virtual bool is_open() const = 0;
  // TCP: may it be connected to; UDP: may it be bound to, connected to, sent to?
  virtual bool permits(io::Transport transport, const io::Endpoint& address) = 0;
  // Nothing when there are as many connections as there may be.
  virtual std::optional<ConnectionPermit> take_permit() = 0;
};

// For instances that may reach nothing.
class ClosedSocketGate final : public SocketGate {
 public:
  bool is_open() const override { return false; }
  bool permits(io::Transport, const io::Endpoint&) override { return false; }
  std::optional<ConnectionPermit> take_permit() override { return std::nullopt; }
};

}  // namespace spindle::wasi
