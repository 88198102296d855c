#include "io/permits.h"

namespace spindle::io {

Permits::~Permits() {
  VERIFY(waiters_.empty());
}

std::optional<Permits::Permit> Permits::try_take() {
  const std::lock_guard lock(mutex_);
  if (free_ == 0 || !waiters_.empty()) return std::nullopt;
  free_ -= 1;
  return Permit(*this);
}

bool Permits::has_waiters() const {
  const std::lock_guard lock(mutex_);
  return !waiters_.empty();
}

Task<Permits::Permit> Permits::take(EventLoop& loop) {
  if (auto permit = try_take()) co_return std::move(*permit);
  auto waiter = std::make_shared<Waiter>(loop);
  {
    const std::lock_guard lock(mutex_);
    waiters_.push_back(waiter);
    // One may have come back in between.
    grant();
  }
  // Leaves the queue however this ends.
  struct Leave {
    Permits& permits;
    const std::shared_ptr<Waiter>& waiter;
    bool is_taken = false;
    ~Leave() {
      if (is_taken) return;
      const std::lock_guard lock(permits.mutex_);
      if (waiter->is_granted) {
        permits.free_ += 1;
        permits.grant();
      } else {
        permits.waiters_.remove(waiter);
      }
    }
  } leave{*this, waiter};
  co_await waiter->granted.wait();
  leave.is_taken = true;
  co_return Permit(*this);
}

void Permits::give_back() {
  const std::lock_guard lock(mutex_);
  free_ += 1;
  grant();
}

// With the mutex, so that the loop of a waiter is still there: who waits leaves before it ends.
void Permits::grant() {
  while (free_ > 0 && !waiters_.empty()) {
    auto waiter = std::move(waiters_.front());
    waiters_.pop_front();
    free_ -= 1;
    waiter->is_granted = true;
    auto& loop = waiter->loop;
    loop.post([waiter = std::move(waiter)] { waiter->granted.set(); });
  }
}

}  // namespace spindle::io
