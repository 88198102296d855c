#pragma once

// Time as guests see it, and waiting for it.
//
// Clocks is what wasi:clocks is made of: the runtime passes SystemClocks (one per event loop),
// tests pass ManualClocks, where time stands still until advance(). Instants are nanoseconds from a
// start that only the clock knows.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "wasi/core/pollable.h"
#include "wasi/core/ready.h"

namespace spindle::wasi {

struct WallTime {
  int64_t seconds = 0;  // since 1970-01-01T00:00:00Z
  // Always forwards: half a second before 1970 is {-1, 500'000'000}.
  uint32_t nanoseconds = 0;
  bool operator==(const WallTime&) const = default;
};

using MonotonicNs = uint64_t;

class Clocks {
 public:
  virtual ~Clocks() = default;

  virtual WallTime wall_now() const = 0;
  virtual WallTime wall_resolution() const = 0;
  virtual MonotonicNs monotonic_now() const = 0;
  virtual uint64_t monotonic_resolution() const = 0;

  // Calls the action once, from the loop, when `instant` has come; never after its destruction.
  class Timer {
   public:
    virtual ~Timer() = default;
  };
  virtual std::unique_ptr<Timer> start_timer(MonotonicNs instant,
                                             std::move_only_function<void()> action) = 0;
};

class SystemClocks final : public Clocks {
 public:
  explicit SystemClocks(io::EventLoop& loop) : loop_(loop) {}

  WallTime wall_now() const override;
  WallTime wall_resolution() const override;
  MonotonicNs monotonic_now() const override;
  uint64_t monotonic_resolution() const override;
  std::unique_ptr<Timer> start_timer(MonotonicNs instant,
                                     std::move_only_function<void()> action) override;

 private:
  io::EventLoop& loop_;
};

class ManualClocks final : public Clocks {
 public:
  explicit ManualClocks(WallTime start = {}) : wall_start_(start) {}

  // Moves time on and calls the actions that are due, the earliest first.
  void advance(uint64_t nanoseconds);
  size_t timer_count() const { return timers_.size(); }

  WallTime wall_now() const override;
  WallTime wall_resolution() const override { return {0, 1}; }
  MonotonicNs monotonic_now() const override { return now_; }
  uint64_t monotonic_resolution() const override { return 1; }
  std::unique_ptr<Timer> start_timer(MonotonicNs instant,
                                     std::move_only_function<void()> action) override;

 private:
  class ManualTimer;
  WallTime wall_start_;
  MonotonicNs now_ = 0;
  uint64_t next_id_ = 0;
  std::map<std::pair<MonotonicNs, uint64_t>, std::move_only_function<void()>> timers_;
};

// A pollable that is ready from `instant` on. One that is due when it is made lets the loop run
// once before it is ready: guests use it to poll without waiting, and others must get their turn.
std::unique_ptr<Pollable> subscribe_instant(io::EventLoop& loop, Clocks& clocks,
                                            MonotonicNs instant);
// A duration that ends beyond the range of the clock is never over.
std::unique_ptr<Pollable> subscribe_duration(io::EventLoop& loop, Clocks& clocks,
                                             uint64_t duration_ns);
// The same as something to wait for.
io::Task<void> wait_until(io::EventLoop& loop, Clocks& clocks, MonotonicNs instant);
io::Task<void> wait_for(io::EventLoop& loop, Clocks& clocks, uint64_t duration_ns);

}  // namespace spindle::wasi
