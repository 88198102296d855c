#pragma once

// BackgroundTasks: tasks that work for somebody and may outlive him for a moment.
//
// A TaskGroup must be drained before its owner goes, which takes a coroutine. This one is for
// owners that are simply destroyed (the host's state of an instance): its destructor cancels what
// still runs, and the tasks unwind in a later turn of the loop. So a task must own, or share,
// everything that it uses; the loop alone may be referred to.
//
// Costs nothing until the first task.

#include <list>
#include <memory>

#include <boost/asio/cancellation_signal.hpp>

#include "io/task.h"

namespace spindle::io {

class EventLoop;

class BackgroundTasks {
 public:
  explicit BackgroundTasks(EventLoop& loop) : loop_(loop) {}
  ~BackgroundTasks() { cancel(); }
  BackgroundTasks(const BackgroundTasks&) = delete;
  BackgroundTasks& operator=(const BackgroundTasks&) = delete;

  void spawn(Task<void> task);
  void cancel();
  size_t size() const { return members_ ? members_->size() : 0; }

 private:
  struct Member {
    boost::asio::cancellation_signal signal;
  };

  EventLoop& loop_;
  // Shared with what ends the tasks.
  std::shared_ptr<std::list<Member>> members_;
};

}  // namespace spindle::io
