#pragma once

// Clock: the time of a native test. It stands still while anything runs, and jumps to the next
// timer when everything waits.

#include <spindle/task.h>

#include <chrono>
#include <map>

namespace spindle::test {

class Clock {
 public:
  using Time = std::chrono::nanoseconds;

  Time now() const { return now_; }

  // Awaited, it ends after that time. Dropping it forgets it.
  class Timer {
   public:
    Timer(Clock& clock, Time duration) : clock_(clock), at_(clock.now_ + duration) {}
    ~Timer() {
      if (is_waiting_) clock_.timers_.erase(place_);
    }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiting_ = waiting;
      place_ = clock_.timers_.emplace(at_, this);
      is_waiting_ = true;
    }
    void await_resume() const {}

   private:
    friend class Clock;
    Clock& clock_;
    Time at_;
    std::coroutine_handle<> waiting_;
    std::multimap<Time, Timer*>::iterator place_;
    bool is_waiting_ = false;
  };

  // Lets the next timer end; false if there is none.
  bool step() {
    if (timers_.empty()) return false;
    auto next = timers_.begin();
    Timer& timer = *next->second;
    now_ = std::max(now_, next->first);
    timers_.erase(next);
    timer.is_waiting_ = false;
    timer.waiting_.resume();
    return true;
  }

 private:
  Time now_{};
  std::multimap<Time, Timer*> timers_;
};

}  // namespace spindle::test
