#pragma once

// Task<T>: a coroutine of one event loop.
//
// It runs when it is awaited (or handed to an EventLoop or a TaskGroup) and always has an owner
// that awaits or cancels it. Failures are values: Task<Result<T>>. Cancellation is the one thing
// that unwinds: a canceled task's next wait throws inside the library, destructors run, and the
// owner (TaskGroup, CancelSource::run) sees the end. Nobody else catches it.
//
// Parameters are taken by value, or by reference to what the awaiting caller owns.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace spindle::io {

using Executor = boost::asio::io_context::executor_type;

template <typename T = void>
using Task = boost::asio::awaitable<T, Executor>;

}  // namespace spindle::io
