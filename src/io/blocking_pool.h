#pragma once

// BlockingPool: a few threads for calls that block (SQLite, compilation, file system).
//
//   auto rows = co_await run_blocking(loop, pool, [&] { return database.query(text); });
//
// The function runs on a pool thread while the task waits; a canceled task still waits for it, so
// the function may use what the awaiting frame owns.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/this_coro.hpp>

#include "base/verify.h"
#include "io/event.h"
#include "io/event_loop.h"
#include "io/task.h"

namespace spindle::io {

class BlockingPool {
 public:
  // Threads start when there is work, at most `thread_count_max` of them.
  explicit BlockingPool(unsigned thread_count_max) : thread_count_max_(thread_count_max) {}
  // Waits for what is running and queued.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  void submit(std::move_only_function<void()> work);

 private:
  void work_loop();

  const unsigned thread_count_max_;
  std::mutex mutex_;
  std::condition_variable available_;
  std::deque<std::move_only_function<void()>> queue_;
  std::vector<std::thread> threads_;
  unsigned idle_ = 0;
  bool stopping_ = false;
};

template <typename F>
Task<std::invoke_result_t<F>> run_blocking(EventLoop& loop, BlockingPool& pool, F function) {
  Event done(loop);
  std::optional<std::invoke_result_t<F>> result;
  pool.submit([&] {
    result.emplace(function());
    loop.post([&done] { done.set(); });
  });
  // The pool holds references to this frame: cancellation must not end the wait early.
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  co_await done.wait();
  co_await boost::asio::this_coro::reset_cancellation_state();
  co_return std::move(*result);
}

}  // namespace spindle::io
