#include "wasi/p2/clocks/clocks.h"

namespace spindle::wasi::p2 {

namespace {

wall_clock::Datetime to_datetime(WallTime time) {
  // A system clock before 1970 is a broken one; guests see 1970.
  if (time.seconds < 0) return {};
  return {static_cast<uint64_t>(time.seconds), time.nanoseconds};
}

}  // namespace

Result<wall_clock::Datetime> WallClockHost::now() {
  return to_datetime(services_.clocks.wall_now());
}

Result<wall_clock::Datetime> WallClockHost::resolution() {
  return to_datetime(services_.clocks.wall_resolution());
}

Result<uint64_t> MonotonicClockHost::now() {
  return services_.clocks.monotonic_now();
}

Result<uint64_t> MonotonicClockHost::resolution() {
  return services_.clocks.monotonic_resolution();
}

Result<std::unique_ptr<Pollable>> MonotonicClockHost::subscribe_instant(uint64_t when) {
  return wasi::subscribe_instant(services_.loop, services_.clocks, when);
}

Result<std::unique_ptr<Pollable>> MonotonicClockHost::subscribe_duration(uint64_t when) {
  return wasi::subscribe_duration(services_.loop, services_.clocks, when);
}

}  // namespace spindle::wasi::p2
