#pragma once

// Signals as something a task waits for: SIGINT and SIGTERM mean "stop in an orderly way", SIGHUP,
// where it is watched, "read again what may have changed".
//
//   StopSignals signals(loop);
//   int number = co_await signals.wait();

#include <cstdint>
#include <memory>

#include "io/event_loop.h"

namespace spindle::io {

class StopSignals {
 public:
  enum class Reload : uint8_t { Unwatched, Watched };
  explicit StopSignals(EventLoop& loop, Reload reload = Reload::Unwatched);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // The number of the next signal. One waiter at a time; canceled as any wait is.
  Task<int> wait();

 private:
  struct Set;
  std::unique_ptr<Set> set_;
};

}  // namespace spindle::io
