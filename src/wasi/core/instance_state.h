#pragma once

// InstanceState: what one instance has whatever version of WASI it imports, or several of them: how
// much it has open, how it ended itself, and the work that goes on for it in the background.
//
// Made with the instance's host objects and gone with them. Making one allocates nothing.

#include <optional>

#include "io/background_tasks.h"
#include "wasi/core/files.h"
#include "wasi/core/guest_environment.h"

namespace spindle::wasi {

struct InstanceState {
  InstanceState(io::EventLoop& loop, const GuestEnvironment& guest)
      : descriptors(guest.descriptors_max), background(loop) {}

  // The trap by which the guest ends.
  Error exit(uint8_t code);

  DescriptorBudget descriptors;
  // What the guest ended itself with; nothing when a trap was none of its exits.
  std::optional<ExitStatus> exit_status;
  // Pumps of streams (byte_pump.h).
  io::BackgroundTasks background;
};

}  // namespace spindle::wasi
