#include "trigger/http/permits.h"

#include <algorithm>

namespace spindle::trigger {

io::Task<Result<void>> Permits::wait(Waiter& waiter) {
  co_await waiter.granted.wait();
  co_return Result<void>();
}

io::Task<Result<Permits::Permit>> Permits::acquire() {
  if (auto permit = try_acquire()) co_return std::move(*permit);
  if (queue_.size() >= options_.waiting_max) {
    co_return Error::unavailable("too many requests are waiting");
  }
  Waiter waiter{io::Event(loop_)};
  queue_.push_back(&waiter);
  // Leaves the queue, or gives back a permit that came too late, however this ends.
  struct Leave {
    Permits& permits;
    Waiter& waiter;
    ~Leave() {
      std::erase(permits.queue_, &waiter);
      if (waiter.has_permit) permits.release();
    }
  } leave{*this, waiter};
  auto waiting = wait(waiter);
  auto bounded =
      io::with_deadline<void>(loop_, options_.wait_max, "waiting for a place", std::move(waiting));
  auto granted = co_await std::move(bounded);
  if (!waiter.has_permit) {
    co_return Error::unavailable(granted ? "no place" : granted.error().message());
  }
  waiter.has_permit = false;
  co_return Permit(*this);
}

void Permits::release() {
  if (queue_.empty()) {
    running_ -= 1;
    return;
  }
  auto& next = *queue_.front();
  queue_.pop_front();
  next.has_permit = true;
  next.granted.set();
}

}  // namespace spindle::trigger
