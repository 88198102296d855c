#pragma once

// Alarm: calls an action once at an instant, as precisely as the system timer.
//
// For the few waits that a guest asked for by name; the many deadlines of requests and connections
// are Deadlines. The action runs from the loop; after the Alarm is destroyed it never runs.

#include <functional>
#include <memory>

#include "io/deadlines.h"

namespace spindle::io {

class EventLoop;

class Alarm {
 public:
  Alarm(EventLoop& loop, Clock::time_point instant, std::move_only_function<void()> action);
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace spindle::io
