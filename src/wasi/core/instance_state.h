#pragma once

// InstanceState: what one instance has whatever version of WASI it imports, or several of them: how
// much it has open, how it ended itself, and the work that goes on for it in the background.
//
// Made with the instance's host objects and gone with them. Making one allocates nothing.

#include <optional>

#include "io/background_tasks.h"
#include "wasi/core/files.h"
#include "wasi/core/guest_environment.h"
#include "wasi/core/sockets/socket_gate.h"

namespace spindle::wasi {

struct InstanceState {
  // What is referred to outlives it. Without a gate there are no sockets.
  InstanceState(io::EventLoop& loop, const GuestEnvironment& guest)
      : InstanceState(loop, guest, closed_sockets()) {}
  InstanceState(io::EventLoop& loop, const GuestEnvironment& guest, SocketGate& sockets)
      : descriptors(guest.descriptors_max), sockets(sockets), background(loop) {}

  // The trap by which the guest ends.
  Error exit(uint8_t code);

  DescriptorBudget descriptors;
  SocketGate& sockets;
  // What the guest ended itself with; nothing when a trap was none of its exits.
  std::optional<ExitStatus> exit_status;
  // Pumps of streams (byte_pump.h), what sockets still send.
  io::BackgroundTasks background;

 private:
  static SocketGate& closed_sockets();
};

}  // namespace spindle::wasi
