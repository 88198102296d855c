#pragma once

// Store: everything that belongs to one running component (one request): instances, memories, host
// functions, limits, a CPU budget. Dropping it frees all of it, whatever state the guest is in.
//
// A store stays on one thread. It does not move: the engine and host functions hold its address.
//
// Epochs. At each tick of the engine (kEpochTick) a running guest of this store is charged one tick
// of its CPU budget, if its thread ran that long. Inside an asynchronous call it then yields, so
// that other tasks of the loop run; inside a synchronous one it goes on. When the budget is used up
// the guest ends with an error of kind Timeout. Time spent suspended is not charged.
//
// Errors. What a host function returned comes back from the outermost call as the same Error; the
// guest's own traps have kind Trap; a call given up by canceling has kind Canceled. After any of
// these the instances that were running are in an undefined state: nobody enters them again. The
// store itself keeps no poison flag.

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "wasm/engine.h"
#include "wasm/handles.h"
#include "wasm/host_function.h"
#include "wasm/module.h"
#include "wasm/trap.h"
#include "wasm/types.h"

namespace spindle::io {
class EventLoop;
}

namespace spindle::wasm {

class Suspension;
class AsyncCall;

struct StoreLimits {
  uint64_t memory_bytes = uint64_t{1} << 30;  // of each memory
  uint32_t table_elements = 100'000;          // of each table
  uint32_t instances = 100;
  uint32_t tables = 100;
  uint32_t memories = 100;
};

inline constexpr uint64_t kUnlimitedTicks = std::numeric_limits<uint64_t>::max();

struct StoreOptions {
  StoreLimits limits;
  // In ticks of kEpochTick.
  uint64_t cpu_budget = kUnlimitedTicks;
  // The loop that asynchronous calls of this store run on; without it there are none.
  io::EventLoop* loop = nullptr;
};

class Store {
 public:
  Store(std::shared_ptr<const Engine> engine, const StoreOptions& options, void* data = nullptr);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  void* data() const { return data_; }
  void set_data(void* data) { data_ = data; }
  const Engine& engine() const { return *engine_; }
  io::EventLoop* loop() const { return loop_; }
  const StoreLimits& limits() const { return limits_; }

  // `imports` in the order of module.imports(). Guest code does not run: see
  // Module::start_export(). Works at top level and inside host functions.
  Result<Instance> instantiate(const Module& module, std::span<const Extern> imports);
  // `function` must outlive the store.
  Func define(const HostFunction& function);

  // Calls a guest (or host) function on the current stack: parameters are read from `cells`,
  // results written to them; as many cells as FunctionType::slots(). `func` is of that type: it is
  // not checked.
  Result<void> call(const Func& func, std::span<RawValue> cells);

  void set_cpu_budget(uint64_t ticks) { cpu_budget_ = ticks; }
  uint64_t cpu_budget() const { return cpu_budget_; }
  // Ticks charged so far.
  uint64_t cpu_ticks() const { return cpu_ticks_; }
  // The last call ended because the budget was used up.
  bool is_out_of_cpu() const { return cpu_ticks_ >= cpu_budget_; }
  // Cause and backtrace of the last failed call.
  std::optional<TrapInfo> trap() const;

  // --- waiting; see async_call.h ---
  // Inside an asynchronous call, so that waiting is possible.
  bool can_suspend() const { return async_depth_ > 0; }
  // From a host function: the guest stops at the next wasm function that is entered, until
  // `suspension` is over. It must live until then. An error where waiting is not possible.
  Result<void> set_suspension(Suspension& suspension);
  // A wasm function () -> () that does nothing, for glue to enter after set_suspension().
  Result<Func> suspend_function();

  // The engine's context.
  void* raw() const { return context_; }

 private:
  friend class AsyncCall;
  friend class InstancePre;
  friend struct StoreAccess;

  std::shared_ptr<const Engine> engine_;
  void* data_;
  io::EventLoop* loop_;
  StoreLimits limits_;
  uint64_t cpu_budget_;
  uint64_t cpu_ticks_ = 0;
  void* store_ = nullptr;
  void* context_ = nullptr;
  uint32_t call_depth_ = 0;
  uint32_t async_depth_ = 0;
  bool is_canceling_ = false;
  // All asynchronous calls that are live, and the one whose stack is the current one.
  AsyncCall* calls_ = nullptr;
  AsyncCall* running_ = nullptr;
  std::optional<Error> host_error_;
  std::shared_ptr<void> failure_;
  std::optional<Func> suspend_function_;
  std::optional<Func> entry_function_;
};

template <typename T>
T& Caller::data() const {
  return *static_cast<T*>(store_.data());
}

}  // namespace spindle::wasm
