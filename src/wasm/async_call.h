#pragma once

// Asynchronous calls: guest code on a stack of its own, which can be left and entered again.
//
// run_async() gives a C++ function such a stack. Whatever it calls through Store::call(), nested as
// deep as it likes, may be interrupted: at each epoch tick, so that other tasks of the loop run,
// and where a host function has to wait. The function itself is ordinary synchronous code (lower
// the parameters, call the guest, lift the results).
//
// How a host function waits. It cannot wait itself: only guest code can be left. So a function that
// may wait is three pieces, joined by a little generated wasm:
//
//   start:   a host function. Completes at once (the common case, returns 0), or keeps a Suspension
//            in its own state, calls store.set_suspension(it) and returns 1.
//   suspend: entered only when start returned 1. Any wasm function will do, since entering one is
//            where a due epoch is noticed, and set_suspension() makes the epoch due. Glue holds an
//            empty function of its own, or imports Store::suspend_function().
//   finish:  a host function that takes the result and writes it to the guest.
//
//   (func $read (param ...) (result ...)
//     (if (call $start ...) (then (call $suspend)))
//     (call $finish ...))
//   (func $suspend)
//
// run_async() then awaits Suspension::wait() on the loop and goes on with the guest. A call is
// polled by the loop's thread only.
//
// Several stacks. A store may have several asynchronous calls at a time; each has its own stack. A
// Fiber is one that its owner drives by hand: also inside a host function of another, which then
// goes on when the inner one is done or has to wait. While it is nested like that, an epoch tick
// does not leave its stack.
//
// Canceling. When the task that awaits run_async() is canceled, or the store is dropped, the
// guest's stack is unwound: each Store::call() on it returns an error of kind Canceled, and host
// functions return in turn. They must not wait then (set_suspension() refuses).

#include <functional>
#include <memory>
#include <span>

#include "base/result.h"
#include "io/task.h"
#include "wasm/handles.h"
#include "wasm/types.h"

namespace spindle::wasm {

class AsyncCall;
class Store;

// Something that a host function waits for.
class Suspension {
 public:
  virtual ~Suspension() = default;
  // Runs on the loop while the guest is stopped; it may be canceled. Failures are kept in the
  // object, for `finish`.
  virtual io::Task<void> wait() = 0;
};

// Guest code on a stack of its own, driven by hand.
class Fiber {
 public:
  // `store` and what `body` refers to outlive the fiber.
  Fiber(Store& store, std::move_only_function<Result<void>()> body);
  // Unwinds the stack, whatever its state.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Runs until the body is done (true; not to be resumed again), or its stack was left.
  bool resume();
  // Why it was left: what a host function waits for. Nothing: an epoch tick, it may go on.
  Suspension* suspension() const;
  // Of a body that is done.
  Result<void> take_result();
  // Once the body is done: the next resume() runs it again, on another stack. `store` is the same.
  void restart(Store& store);

 private:
  std::unique_ptr<AsyncCall> call_;
};

// `store` and what `body` refers to live until the task ends.
io::Task<Result<void>> run_async(Store& store, std::move_only_function<Result<void>()> body);
// Store::call() by run_async(); `cells` live until the task ends.
io::Task<Result<void>> call_async(Store& store, Func func, std::span<RawValue> cells);

}  // namespace spindle::wasm
