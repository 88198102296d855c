#include "wasi/core/clocks.h"

#include <chrono>
#include <ctime>
#include <limits>

#include "io/alarm.h"

namespace spindle::wasi {

namespace {

constexpr uint64_t kNanosecondsPerSecond = 1'000'000'000;

timespec read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now;
}

timespec read_resolution(clockid_t clock) {
  timespec resolution{};
  clock_getres(clock, &resolution);
  return resolution;
}

WallTime to_wall_time(timespec time) {
  return {time.tv_sec, static_cast<uint32_t>(time.tv_nsec)};
}

uint64_t to_nanoseconds(timespec time) {
  return static_cast<uint64_t>(time.tv_sec) * kNanosecondsPerSecond +
         static_cast<uint64_t>(time.tv_nsec);
}

class SystemTimer final : public Clocks::Timer {
 public:
  SystemTimer(io::EventLoop& loop, io::Clock::time_point instant,
              std::move_only_function<void()> action)
      : alarm_(loop, instant, std::move(action)) {}

 private:
  io::Alarm alarm_;
};

class Instant final : public ReadySource {
 public:
  Instant(io::EventLoop& loop, Clocks& clocks, MonotonicNs instant)
      : ReadySource(loop),
        clocks_(clocks),
        instant_(instant),
        yields_(instant <= clocks.monotonic_now()) {}

  bool is_ready() override { return clocks_.monotonic_now() >= instant_; }

  void prepare_wait() override {
    if (timer_ == nullptr && instant_ != kNever) {
      timer_ = clocks_.start_timer(instant_, [this] { notify(); });
    }
  }

  bool take_yield_request() override { return std::exchange(yields_, false); }

  static constexpr MonotonicNs kNever = std::numeric_limits<MonotonicNs>::max();

 private:
  Clocks& clocks_;
  MonotonicNs instant_;
  bool yields_;
  std::unique_ptr<Clocks::Timer> timer_;
};

MonotonicNs instant_after(const Clocks& clocks, uint64_t duration_ns) {
  MonotonicNs now = clocks.monotonic_now();
  bool reachable = duration_ns <= Instant::kNever - now;
  return reachable ? now + duration_ns : Instant::kNever;
}

}  // namespace

WallTime SystemClocks::wall_now() const {
  return to_wall_time(read_clock(CLOCK_REALTIME));
}

WallTime SystemClocks::wall_resolution() const {
  return to_wall_time(read_resolution(CLOCK_REALTIME));
}

MonotonicNs SystemClocks::monotonic_now() const {
  return to_nanoseconds(read_clock(CLOCK_MONOTONIC));
}

uint64_t SystemClocks::monotonic_resolution() const {
  return to_nanoseconds(read_resolution(CLOCK_MONOTONIC));
}

std::unique_ptr<Clocks::Timer> SystemClocks::start_timer(MonotonicNs instant,
                                                         std::move_only_function<void()> action) {
  // io::Clock counts what CLOCK_MONOTONIC counts, in signed nanoseconds; what it cannot express is
  // centuries away.
  using Nanoseconds = std::chrono::nanoseconds;
  auto far = static_cast<MonotonicNs>(std::numeric_limits<int64_t>::max());
  Nanoseconds since_start(static_cast<int64_t>(std::min(instant, far)));
  return std::make_unique<SystemTimer>(loop_, io::Clock::time_point(since_start),
                                       std::move(action));
}

class ManualClocks::ManualTimer final : public Clocks::Timer {
 public:
  ManualTimer(ManualClocks& clocks, std::pair<MonotonicNs, uint64_t> key)
      : clocks_(clocks), key_(key) {}
  ~ManualTimer() override { clocks_.timers_.erase(key_); }

 private:
  ManualClocks& clocks_;
  std::pair<MonotonicNs, uint64_t> key_;
};

std::unique_ptr<Clocks::Timer> ManualClocks::start_timer(MonotonicNs instant,
                                                         std::move_only_function<void()> action) {
  std::pair key(instant, next_id_++);
  timers_.emplace(key, std::move(action));
  return std::make_unique<ManualTimer>(*this, key);
}

void ManualClocks::advance(uint64_t nanoseconds) {
  now_ += nanoseconds;
  while (!timers_.empty() && timers_.begin()->first.first <= now_) {
    auto node = timers_.extract(timers_.begin());
    node.mapped()();
  }
}

WallTime ManualClocks::wall_now() const {
  uint64_t nanoseconds = wall_start_.nanoseconds;
  nanoseconds += now_ % kNanosecondsPerSecond;
  const uint64_t passed = now_ / kNanosecondsPerSecond + nanoseconds / kNanosecondsPerSecond;
  return {wall_start_.seconds + static_cast<int64_t>(passed),
          static_cast<uint32_t>(nanoseconds % kNanosecondsPerSecond)};
}

std::unique_ptr<Pollable> subscribe_instant(io::EventLoop& loop, Clocks& clocks,
                                            MonotonicNs instant) {
  return std::make_unique<Pollable>(std::make_unique<Instant>(loop, clocks, instant));
}

std::unique_ptr<Pollable> subscribe_duration(io::EventLoop& loop, Clocks& clocks,
                                             uint64_t duration_ns) {
  return subscribe_instant(loop, clocks, instant_after(clocks, duration_ns));
}

io::Task<void> wait_until(io::EventLoop& loop, Clocks& clocks, MonotonicNs instant) {
  Instant source(loop, clocks, instant);
  auto waiting = source.take_yield_request() ? io::yield(loop) : source.wait();
  co_await std::move(waiting);
}

io::Task<void> wait_for(io::EventLoop& loop, Clocks& clocks, uint64_t duration_ns) {
  return wait_until(loop, clocks, instant_after(clocks, duration_ns));
}

}  // namespace spindle::wasi
