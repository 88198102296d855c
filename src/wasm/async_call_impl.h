#pragma once

// AsyncCall: one asynchronous call that is live in a store; the engine's future and what it needs.
//
// It belongs to the coroutine that drives it. The store points to it while it lives, so that a
// store that is dropped first unwinds the guest's stack before the engine's store goes.

#include <functional>
#include <optional>

#include "wasm/async_call.h"
#include "wasm/store_impl.h"

namespace spindle::wasm {

class AsyncCall {
 public:
  AsyncCall(Store& store, std::move_only_function<Result<void>()> body);
  ~AsyncCall();
  AsyncCall(const AsyncCall&) = delete;
  AsyncCall& operator=(const AsyncCall&) = delete;

  // The call that is live in a store.
  static AsyncCall* active(Store& store);

  // Runs the guest until it is done (true) or yields.
  bool poll();
  // What the guest waits for; nothing when it only yielded at an epoch.
  Suspension* suspension() const;
  // The wait is over.
  void clear_suspension();
  Result<void> take_result();

  // Unwinds the guest's stack, whatever its state.
  void abandon();
  // The fiber's first function.
  void run_body() noexcept;

 private:
  void start();
  void leave_store();

  Store* store_;
  std::move_only_function<Result<void>()> body_;
  std::optional<Result<void>> result_;
  wasmtime_func_t entry_{};
  wasmtime_call_future_t* future_ = nullptr;
  wasm_trap_t* trap_ = nullptr;
  wasmtime_error_t* error_ = nullptr;
  void* tsan_fiber_ = nullptr;
};

}  // namespace spindle::wasm
