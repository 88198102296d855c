#pragma once

// Deadlines: many coarse timers of one loop for the price of one.
//
// Requests and connections arm a deadline and nearly always disarm it before it is due, so arming
// is a list operation, and one timer of the system fires at most every kGranularity while anything
// is armed. A deadline fires up to one granularity late, never early. A loop does not run out of
// work while a deadline is armed.

#include <chrono>
#include <functional>
#include <map>
#include <memory>

#include <boost/asio/steady_timer.hpp>

#include "io/task.h"

namespace spindle::io {

class EventLoop;
using Clock = std::chrono::steady_clock;

class Deadlines {
 public:
  static constexpr auto kGranularity = std::chrono::milliseconds(5);

  explicit Deadlines(EventLoop& loop);
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;
  ~Deadlines();

  using Map = std::multimap<Clock::time_point, std::move_only_function<void()>>;

  // Disarms its deadline when destroyed.
  class [[nodiscard]] Armed {
   public:
    Armed() = default;
    Armed(Deadlines& owner, Map::iterator entry) : owner_(&owner), entry_(entry) {}
    Armed(Armed&& other) noexcept { *this = std::move(other); }
    Armed& operator=(Armed&& other) noexcept;
    ~Armed() { disarm(); }
    void disarm();
    bool is_armed() const { return owner_ != nullptr; }

   private:
    friend class Deadlines;
    Deadlines* owner_ = nullptr;
    Map::iterator entry_;
  };

  // Calls `action` once when `delay` is over. The action must not destroy its own Armed; it may let
  // it be destroyed later.
  Armed arm(Clock::duration delay, std::move_only_function<void()> action);

 private:
  void schedule();
  void fire();

  boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor> timer_;
  Map pending_;
  Map fired_;
  bool scheduled_ = false;
};

// Waits; precise to the system timer.
Task<void> sleep_for(EventLoop& loop, Clock::duration duration);
Task<void> sleep_until(EventLoop& loop, Clock::time_point instant);

}  // namespace spindle::io
