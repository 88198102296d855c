#pragma once

// Subtask: the caller's view of an asynchronous call (Canonical ABI, "Subtask State").
//
// GuestSubtask calls a task of another guest, for lowerings of both kinds. HostSubtask calls a
// function of the host that may wait, for asynchronous lowerings; for synchronous ones the thread
// itself waits.
//
// Arguments are read when the callee starts, results written before it is said to have returned:
// the caller keeps both buffers until then. What the call borrows stays lent until the caller has
// learnt the end.

#include <memory>
#include <optional>

#include "component/async/async_state.h"
#include "component/async/task.h"
#include "component/async/waitable.h"
#include "component/runtime/call_values.h"
#include "component/runtime/trampolines.h"

namespace spindle::component {

class Subtask : public Waitable {
 public:
  enum class State : uint8_t {
    Starting = 0,
    Started = 1,
    Returned = 2,
    CancelledBeforeStarted = 3,
    CancelledBeforeReturned = 4,
  };

  explicit Subtask(WakeTarget& target) : Waitable(target) {}

  State subtask_state() const { return subtask_state_; }
  bool is_resolved() const { return subtask_state_ >= State::Returned; }
  bool is_resolve_delivered() const { return is_resolve_delivered_; }
  bool is_cancellation_requested() const { return is_cancellation_requested_; }
  // Its index in the caller's table, which events carry.
  void set_index(uint32_t index) { index_ = index; }

  // Asks the callee to end; it may have done so when this returns.
  void request_cancellation();
  // The caller has learnt the end: what was lent is free again.
  void deliver_resolve();

 protected:
  WaitEvent deliver() override;
  virtual void ask_callee_to_cancel() = 0;
  virtual CallScope& lends() = 0;
  // Tells the caller, if it is to be told by events.
  void set_state(State state);

 private:
  State subtask_state_ = State::Starting;
  uint32_t index_ = 0;
  bool is_cancellation_requested_ = false;
  bool is_resolve_delivered_ = false;
};

class GuestSubtask final : public Subtask, public TaskCaller {
 public:
  GuestSubtask(ComponentInstance& instance, const Trampoline& trampoline,
               std::span<const wasm::RawValue> cells);

  // The callee has run up to its first wait afterwards.
  Result<void> call();
  // Core results of a synchronous lowering.
  std::span<const wasm::RawValue> results() const { return cells_; }

  Result<void> start(CallSide& callee, std::span<wasm::RawValue> cells) override;
  Result<void> resolve(CallSide& callee, std::span<const wasm::RawValue> cells,
                       ResultForm form) override;
  Result<void> cancelled() override;
  void failed(const Error&) override {}

 protected:
  void ask_callee_to_cancel() override;
  CallScope& lends() override { return caller_.scope(); }

 private:
  AsyncState& state_;
  const Trampoline& trampoline_;
  const PlannedLift& lift_;
  CallSide caller_;
  CoreCells cells_{};
  std::weak_ptr<Task> callee_;
};

class HostSubtask final : public Subtask {
 public:
  HostSubtask(ComponentInstance& instance, const TrampolineCode& code,
              std::span<const wasm::RawValue> cells);

  // True where it is over already; else run() is to be spawned.
  Result<bool> call();
  Result<void> spawn();

 protected:
  void ask_callee_to_cancel() override;
  CallScope& lends() override { return scope_; }

 private:
  io::Task<void> run();
  Result<void> finish();

  ComponentInstance& instance_;
  AsyncState& state_;
  const TrampolineCode& code_;
  CoreCells cells_{};
  CallScope scope_;
  PendingCall pending_;
  AsyncState::OperationId operation_ = 0;
  bool is_over_ = false;
};

}  // namespace spindle::component
