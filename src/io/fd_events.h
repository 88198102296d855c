#pragma once

// FdEvents: waits for a descriptor that a C library owns (libpq's socket) on an event loop.
//
// It works on a duplicate, so the library may close its own descriptor at any time; the duplicate
// goes with this object. Make another one when the library changed its socket. A wait may end
// early; the library is asked anyway.

#include <memory>

#include "io/event_loop.h"

namespace spindle::io {

class FdEvents {
 public:
  enum class Wish : uint8_t { Read, Write, Either };

  static Result<std::unique_ptr<FdEvents>> create(EventLoop& loop, int fd);
  virtual ~FdEvents() = default;

  // Until the descriptor is ready, or broken: the next call of the library tells.
  virtual Task<void> wait(Wish wish) = 0;
};

}  // namespace spindle::io
