#pragma once

// AsyncCall: one asynchronous call that is live in a store; the engine's future and what it needs.
//
// It belongs to whoever drives it. The store lists those that live, so that a store that is dropped
// first unwinds the guests' stacks before the engine's store goes.
//
// Several may be live in one store: the engine saves and restores all that a stack owns (limits,
// activations) when it leaves one, so they may be polled in any order, also one inside a host
// function of another. They all stay on the store's thread.

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

  // The call whose stack is the current one.
  static AsyncCall* running(Store& store);

  // Runs the guest until it is done (true) or yields.
  bool poll();
  // What the guest waits for; nothing when it only yielded at an epoch.
  Suspension* suspension() const { return suspension_; }
  void set_suspension(Suspension* suspension) { suspension_ = suspension; }
  // It runs inside a host function of another one, to which it returns when it has to wait.
  bool is_nested() const { return outer_ != nullptr; }
  Result<void> take_result();
  void restart(Store& store);

  // Unwinds the guest's stack, whatever its state.
  void abandon();
  // Of all that are live in a store.
  static void abandon_all(Store& store);
  // The fiber's first function.
  void run_body() noexcept;

 private:
  void enter_store(Store& store);
  void start();
  void leave_store();

  // Absent when it is done.
  Store* store_ = nullptr;
  AsyncCall* next_ = nullptr;
  AsyncCall* previous_ = nullptr;
  AsyncCall* outer_ = nullptr;
  Suspension* suspension_ = nullptr;
  uint32_t call_depth_ = 0;
  std::move_only_function<Result<void>()> body_;
  std::optional<Result<void>> result_;
  wasmtime_func_t entry_{};
  wasmtime_call_future_t* future_ = nullptr;
  wasm_trap_t* trap_ = nullptr;
  wasmtime_error_t* error_ = nullptr;
  void* tsan_fiber_ = nullptr;
};

}  // namespace spindle::wasm
