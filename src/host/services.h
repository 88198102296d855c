#pragma once

// Services: what the instances of one event loop share, with what Spin's interfaces need beyond
// WASI's. The runtime makes one per thread; it outlives the instances.

#include "io/blocking_pool.h"
#include "io/dialer.h"
#include "redis/connections.h"
#include "wasi/core/services.h"

namespace spindle::host {

struct Services : wasi::Services {
  // Every connection that a guest asks for. Null where none may be made.
  io::Dialer* dialer = nullptr;
  // For calls that block.
  io::BlockingPool* pool = nullptr;
  // To Redis servers; null as above.
  redis::Connections* redis = nullptr;
};

}  // namespace spindle::host
