#pragma once

// wasi:clocks@0.2: wall-clock, monotonic-clock.
//
// Works:   every function; waits are as precise as the system's timers.
// Refused: timezone (unstable): not offered, a component that imports it does not load.

#include "bindings/wasi/clocks_0_2/monotonic_clock.h"
#include "bindings/wasi/clocks_0_2/wall_clock.h"
#include "wasi/core/services.h"

namespace spindle::wasi::p2 {

namespace monotonic_clock = bindings::wasi::clocks_0_2::monotonic_clock;
namespace wall_clock = bindings::wasi::clocks_0_2::wall_clock;

class WallClockHost final : public wall_clock::Host {
 public:
  explicit WallClockHost(const Services& services) : services_(services) {}
  Result<wall_clock::Datetime> now() override;
  Result<wall_clock::Datetime> resolution() override;

 private:
  const Services& services_;
};

class MonotonicClockHost final : public monotonic_clock::Host {
 public:
  explicit MonotonicClockHost(const Services& services) : services_(services) {}
  Result<uint64_t> now() override;
  Result<uint64_t> resolution() override;
  Result<std::unique_ptr<Pollable>> subscribe_instant(uint64_t when) override;
  Result<std::unique_ptr<Pollable>> subscribe_duration(uint64_t when) override;

 private:
  const Services& services_;
};

}  // namespace spindle::wasi::p2
