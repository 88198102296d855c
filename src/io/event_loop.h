#pragma once

// EventLoop: one thread's reactor. Everything of a request runs on the loop that accepted it, so
// code on a loop needs no locks; only post() and stop() may be called from other threads.
//
// TaskGroup: owns the tasks that were started on a loop without being awaited. cancel() asks all of
// them to unwind, drained() waits until the last one is gone; the group must outlive its tasks, so
// an owner cancels and awaits drained() before it dies.

#include <chrono>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "base/result.h"
#include "io/event.h"
#include "io/task.h"

namespace spindle::io {

class Deadlines;

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs until stop(), or until nothing is left to do.
  void run();
  // Runs what is ready now without waiting.
  void poll();
  void stop();
  void post(std::move_only_function<void()> action);

  // Runs the loop until the task is done; for main programs and tests.
  template <typename T>
  T block_on(Task<T> task);

  Executor executor() { return context_.get_executor(); }
  boost::asio::io_context& context() { return context_; }
  Deadlines& deadlines() { return *deadlines_; }

 private:
  boost::asio::io_context context_;
  std::unique_ptr<Deadlines> deadlines_;
};

class TaskGroup {
 public:
  // Told about what escapes a task: an exception that is not its cancellation is a bug of ours.
  using ErrorReporter = std::function<void(const Error&)>;

  explicit TaskGroup(EventLoop& loop, ErrorReporter reporter = {})
      : loop_(loop), reporter_(std::move(reporter)), empty_(loop) {
    empty_.set();
  }
  ~TaskGroup() { VERIFY(members_.empty()); }
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  void spawn(Task<void> task);
  void cancel();
  Task<void> drained() { return empty_.wait(); }
  size_t size() const { return members_.size(); }

 private:
  struct Member {
    boost::asio::cancellation_signal signal;
  };
  void finish(std::list<Member>::iterator member, std::exception_ptr failure);

  EventLoop& loop_;
  ErrorReporter reporter_;
  std::list<Member> members_;
  Event empty_;
};

// Lets other tasks of the loop run first.
Task<void> yield(EventLoop& loop);

// Runs a task for its value, which need not be default constructible.
template <typename T>
Task<void> store_value(Task<T> task, std::optional<T>& value) {
  value.emplace(co_await std::move(task));
}

template <typename T>
T EventLoop::block_on(Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    bool done = false;
    std::exception_ptr failure;
    boost::asio::co_spawn(context_, std::move(task), [&](std::exception_ptr thrown) {
      failure = thrown;
      done = true;
      context_.stop();
    });
    context_.restart();
    while (!done) context_.run();
    context_.restart();
    if (failure) std::rethrow_exception(failure);
  } else {
    std::optional<T> value;
    block_on(store_value(std::move(task), value));
    return std::move(*value);
  }
}

}  // namespace spindle::io
