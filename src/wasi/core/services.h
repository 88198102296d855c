#pragma once

// Services: what the instances of one event loop share: the loop, time and randomness.
//
// The runtime makes one per thread. Tests put ManualClocks and SeededRandom in.

#include "io/event_loop.h"
#include "wasi/core/clocks.h"
#include "wasi/core/random.h"

namespace spindle::wasi {

struct OutboundServices;

struct Services {
  io::EventLoop& loop;
  Clocks& clocks;
  Random& random;
  // Null where no request leaves.
  OutboundServices* outbound = nullptr;
};

}  // namespace spindle::wasi
