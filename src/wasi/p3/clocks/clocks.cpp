#include "wasi/p3/clocks/clocks.h"

namespace spindle::wasi::p3 {

namespace {

constexpr uint64_t kNanosecondsPerSecond = 1'000'000'000;

io::Task<Result<void>> then_done(io::Task<void> waiting) {
  co_await std::move(waiting);
  co_return Result<void>();
}

}  // namespace

Result<system_clock::Instant> SystemClockHost::now() {
  const WallTime now = services_.clocks.wall_now();
  return system_clock::Instant{now.seconds, now.nanoseconds};
}

Result<uint64_t> SystemClockHost::get_resolution() {
  const WallTime resolution = services_.clocks.wall_resolution();
  return static_cast<uint64_t>(resolution.seconds) * kNanosecondsPerSecond + resolution.nanoseconds;
}

Result<uint64_t> MonotonicClockHost::now() {
  return services_.clocks.monotonic_now();
}

Result<uint64_t> MonotonicClockHost::get_resolution() {
  return services_.clocks.monotonic_resolution();
}

io::Eventual<void> MonotonicClockHost::wait_until(uint64_t when) {
  return then_done(wasi::wait_until(services_.loop, services_.clocks, when));
}

io::Eventual<void> MonotonicClockHost::wait_for(uint64_t how_long) {
  return then_done(wasi::wait_for(services_.loop, services_.clocks, how_long));
}

}  // namespace spindle::wasi::p3
