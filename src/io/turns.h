#pragma once

// block_on_turns: as EventLoop::block_on(), for a program that keeps time itself (trials of
// applications): it is told whenever nothing has happened for a while, so that it can let its own
// time go on.

#include <boost/asio/executor_work_guard.hpp>

#include "io/event_loop.h"

namespace spindle::io {

// `on_quiet` runs on the loop's thread, between two actions of the loop.
template <typename T>
T block_on_turns(EventLoop& loop, Task<T> task, std::chrono::milliseconds quiet,
                 const std::function<void()>& on_quiet) {
  std::optional<T> value;
  std::exception_ptr failure;
  bool done = false;
  boost::asio::co_spawn(loop.context(), store_value(std::move(task), value),
                        [&](std::exception_ptr thrown) {
                          failure = thrown;
                          done = true;
                        });
  // Without work the loop would not wait.
  const auto work = boost::asio::make_work_guard(loop.context());
  loop.context().restart();
  while (!done) {
    if (loop.context().run_one_for(quiet) == 0) on_quiet();
  }
  if (failure) std::rethrow_exception(failure);
  return std::move(*value);
}

}  // namespace spindle::io
