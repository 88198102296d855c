#include "io/deadlines.h"

#include <boost/asio/use_awaitable.hpp>

#include "io/event_loop.h"

namespace spindle::io {

Deadlines::Deadlines(EventLoop& loop) : timer_(loop.executor()) {}

Deadlines::~Deadlines() = default;

Deadlines::Armed& Deadlines::Armed::operator=(Armed&& other) noexcept {
  if (this == &other) return *this;
  disarm();
  owner_ = std::exchange(other.owner_, nullptr);
  entry_ = other.entry_;
  return *this;
}

void Deadlines::Armed::disarm() {
  if (owner_ == nullptr) return;
  auto& owner = *std::exchange(owner_, nullptr);
  // Due entries wait in fired_; erasing by iterator works for the map that holds the node, so the
  // node is taken out of whichever it is in.
  if (entry_->second == nullptr) {
    owner.fired_.erase(entry_);
  } else {
    owner.pending_.erase(entry_);
  }
  if (owner.pending_.empty() && owner.scheduled_) owner.timer_.cancel();
}

Deadlines::Armed Deadlines::arm(Clock::duration delay, std::move_only_function<void()> action) {
  auto entry = pending_.emplace(Clock::now() + delay, std::move(action));
  schedule();
  return Armed(*this, entry);
}

void Deadlines::schedule() {
  if (pending_.empty()) return;
  auto wake_at = std::max(pending_.begin()->first, Clock::now() + kGranularity);
  if (scheduled_) {
    // Canceling ends the wait below, which schedules anew.
    if (wake_at < timer_.expiry()) timer_.cancel();
    return;
  }
  scheduled_ = true;
  timer_.expires_at(wake_at);
  timer_.async_wait([this](boost::system::error_code) {
    scheduled_ = false;
    fire();
    schedule();
  });
}

void Deadlines::fire() {
  auto now = Clock::now();
  while (!pending_.empty() && pending_.begin()->first <= now) {
    auto node = pending_.extract(pending_.begin());
    auto action = std::exchange(node.mapped(), nullptr);
    fired_.insert(std::move(node));
    action();
  }
}

Task<void> sleep_until(EventLoop& loop, Clock::time_point instant) {
  boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor> timer(
      loop.executor(), instant);
  co_await timer.async_wait(boost::asio::use_awaitable_t<Executor>{});
}

Task<void> sleep_for(EventLoop& loop, Clock::duration duration) {
  return sleep_until(loop, Clock::now() + duration);
}

}  // namespace spindle::io
