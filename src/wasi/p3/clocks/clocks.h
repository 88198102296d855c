#pragma once

// wasi:clocks@0.3: types, monotonic-clock, system-clock.
//
// Works:   every function; waits are as precise as the system's timers, and a wait that is over at
//          once lets others run first. A wait beyond the range of the clock never ends.
// Refused: timezone (unstable): not offered, a component that imports it does not load.

#include "bindings/wasi/clocks_0_3/monotonic_clock.h"
#include "bindings/wasi/clocks_0_3/system_clock.h"
#include "wasi/core/services.h"

namespace spindle::wasi::p3 {

namespace monotonic_clock = bindings::wasi::clocks_0_3::monotonic_clock;
namespace system_clock = bindings::wasi::clocks_0_3::system_clock;

class SystemClockHost final : public system_clock::Host {
 public:
  explicit SystemClockHost(const Services& services) : services_(services) {}
  Result<system_clock::Instant> now() override;
  Result<uint64_t> get_resolution() override;

 private:
  const Services& services_;
};

class MonotonicClockHost final : public monotonic_clock::Host {
 public:
  explicit MonotonicClockHost(const Services& services) : services_(services) {}
  Result<uint64_t> now() override;
  Result<uint64_t> get_resolution() override;
  io::Eventual<void> wait_until(uint64_t when) override;
  io::Eventual<void> wait_for(uint64_t how_long) override;

 private:
  const Services& services_;
};

}  // namespace spindle::wasi::p3
