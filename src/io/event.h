#pragma once

// Event: a flag that tasks of one loop can wait for.
//
// set() wakes everyone who waits and lets later waiters pass until reset(). A waiter resumes from
// the loop, never inside set(). A canceled waiter leaves the list at once.

#include <cstdint>
#include <functional>
#include <list>

#include <boost/system/error_code.hpp>

#include "io/task.h"

namespace spindle::io {

class EventLoop;

class Event {
 public:
  explicit Event(EventLoop& loop) : loop_(loop) {}
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool is_set() const { return set_; }
  void set();
  void reset() { set_ = false; }
  Task<void> wait();
  bool has_waiters() const { return !waiters_.empty(); }

 private:
  using Waiter = std::move_only_function<void(boost::system::error_code)>;

  EventLoop& loop_;
  std::list<Waiter> waiters_;
  bool set_ = false;
};

}  // namespace spindle::io
