#pragma once

// TrialClocks: time as the transcript has it. It stands still until the transcript moves it on, or
// until a component waits for nothing but time: then it jumps to what is waited for, so that a test
// never sleeps and always sees the same instants.

#include <map>

#include "wasi/core/clocks.h"

namespace spindle::trial {

class TrialClocks final : public wasi::Clocks {
 public:
  explicit TrialClocks(wasi::WallTime start) : start_(start) {}

  // Moves time on and calls the actions that are due, the earliest first.
  void advance(wasi::MonotonicNs nanoseconds);
  // To the next timer; false where nobody waits.
  bool jump();

  wasi::WallTime wall_now() const override;
  wasi::WallTime wall_resolution() const override { return {0, 1}; }
  wasi::MonotonicNs monotonic_now() const override { return now_; }
  uint64_t monotonic_resolution() const override { return 1; }
  std::unique_ptr<Timer> start_timer(wasi::MonotonicNs instant,
                                     std::move_only_function<void()> action) override;

 private:
  class Waiting;
  using Key = std::pair<wasi::MonotonicNs, uint64_t>;

  void advance_to(wasi::MonotonicNs instant);

  // Go takes a monotonic clock that stands at zero for a broken one.
  static constexpr wasi::MonotonicNs kBegin = 1'000'000'000;

  const wasi::WallTime start_;
  wasi::MonotonicNs now_ = kBegin;
  uint64_t next_id_ = 0;
  std::map<Key, std::move_only_function<void()>> timers_;
};

}  // namespace spindle::trial
