#include "trial/clock.h"

namespace spindle::trial {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

}  // namespace

class TrialClocks::Waiting final : public Timer {
 public:
  Waiting(TrialClocks& clocks, Key key) : clocks_(clocks), key_(key) {}
  ~Waiting() override { clocks_.timers_.erase(key_); }

 private:
  TrialClocks& clocks_;
  const Key key_;
};

wasi::WallTime TrialClocks::wall_now() const {
  const uint64_t passed = now_ - kBegin;
  const uint64_t nanoseconds = start_.nanoseconds + passed % kSecond;
  return {
      .seconds = start_.seconds + static_cast<int64_t>(passed / kSecond + nanoseconds / kSecond),
      .nanoseconds = static_cast<uint32_t>(nanoseconds % kSecond)};
}

std::unique_ptr<wasi::Clocks::Timer> TrialClocks::start_timer(
    wasi::MonotonicNs instant, std::move_only_function<void()> action) {
  const Key key{instant, next_id_++};
  timers_.emplace(key, std::move(action));
  return std::make_unique<Waiting>(*this, key);
}

void TrialClocks::advance(wasi::MonotonicNs nanoseconds) {
  advance_to(now_ + nanoseconds);
}

bool TrialClocks::jump() {
  if (timers_.empty()) return false;
  advance_to(std::max(now_, timers_.begin()->first.first));
  return true;
}

void TrialClocks::advance_to(wasi::MonotonicNs instant) {
  while (!timers_.empty() && timers_.begin()->first.first <= instant) {
    // An action may start and end timers.
    auto due = timers_.extract(timers_.begin());
    now_ = std::max(now_, due.key().first);
    due.mapped()();
  }
  now_ = instant;
}

}  // namespace spindle::trial
