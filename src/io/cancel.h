#pragma once

// CancelSource: why and when the work of one request ends early.
//
// A request has one: its deadline, a client that left and the server's shutdown all call cancel()
// with the reason. Work that may be canceled is awaited through run(): when the source is canceled
// while the task waits, the task unwinds and run() returns the reason; a source that is canceled
// already refuses to start. The first reason wins. Cancellation of the task that awaits run()
// passes through to the task inside.

#include <memory>
#include <optional>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "base/result.h"
#include "io/deadlines.h"
#include "io/event_loop.h"
#include "io/task.h"

namespace spindle::io {

class CancelSource {
  auto guarded() {
    return boost::asio::bind_cancellation_slot(signal_.slot(),
                                               boost::asio::use_awaitable_t<Executor>{});
  }

 public:
  explicit CancelSource(EventLoop& loop) : loop_(loop) {}
  CancelSource(const CancelSource&) = delete;
  CancelSource& operator=(const CancelSource&) = delete;

  void cancel(Error reason) {
    if (reason_) return;
    reason_ = std::move(reason);
    signal_.emit(boost::asio::cancellation_type::terminal);
  }
  bool is_canceled() const { return reason_.has_value(); }
  // Only when canceled.
  const Error& reason() const { return *reason_; }
  EventLoop& loop() { return loop_; }

  // One task at a time.
  template <typename T>
  Task<Result<T>> run(Task<Result<T>> task) {
    if (reason_) co_return *reason_;
    const auto outer = co_await boost::asio::this_coro::cancellation_state;
    const Forwarder forwarder(outer.slot(), signal_);
    try {
      if constexpr (std::is_default_constructible_v<Result<T>>) {
        co_return co_await boost::asio::co_spawn(loop_.executor(), std::move(task), guarded());
      } else {
        std::optional<Result<T>> result;
        co_await boost::asio::co_spawn(loop_.executor(), store_value(std::move(task), result),
                                       guarded());
        co_return std::move(*result);
      }
    } catch (const boost::system::system_error& error) {
      if (!reason_ || error.code() != boost::asio::error::operation_aborted) throw;
    }
    co_return *reason_;
  }

 private:
  // The slot of the awaiting task is free while another one is bound to what it awaits.
  class Forwarder {
   public:
    Forwarder(boost::asio::cancellation_slot slot, boost::asio::cancellation_signal& to)
        : slot_(slot) {
      if (!slot_.is_connected()) return;
      slot_.assign([&to](boost::asio::cancellation_type type) { to.emit(type); });
    }
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;
    ~Forwarder() {
      if (slot_.is_connected()) slot_.clear();
    }

   private:
    boost::asio::cancellation_slot slot_;
  };

  EventLoop& loop_;
  boost::asio::cancellation_signal signal_;
  std::optional<Error> reason_;
};

// The task's result, or a Timeout error that says `what` took longer than `limit`.
template <typename T>
Task<Result<T>> with_deadline(EventLoop& loop, Clock::duration limit, std::string what,
                              Task<Result<T>> task) {
  CancelSource source(loop);
  auto armed = loop.deadlines().arm(
      limit, [&source, &what] { source.cancel(Error::timeout(what + " took too long")); });
  auto work = source.run<T>(std::move(task));
  auto result = co_await std::move(work);
  co_return result;
}

}  // namespace spindle::io
