#pragma once

// Task: one call of an exported asynchronous function (Canonical ABI, "Task State"), with its
// thread.
//
// Who called is a TaskCaller: another guest's subtask, or the host. It brings the arguments when
// the callee starts and takes the result when the callee returns it, which for an asynchronous lift
// may be long before the task ends.

#include <memory>

#include "component/async/thread.h"
#include "component/runtime/guest_side.h"

namespace spindle::component {

// The flat values that a callee gives back: of a synchronous lift its core results, of an
// asynchronous one the arguments of task.return.
enum class ResultForm : uint8_t { CoreResults, TaskReturn };

class TaskCaller {
 public:
  virtual ~TaskCaller();

  // The callee starts: lower its core arguments into `cells`.
  virtual Result<void> start(CallSide& callee, std::span<wasm::RawValue> cells) = 0;
  // The callee returned.
  virtual Result<void> resolve(CallSide& callee, std::span<const wasm::RawValue> cells,
                               ResultForm form) = 0;
  // The callee confirmed a cancelation: there is no result.
  virtual Result<void> cancelled() = 0;
  // The instance failed; there will be nothing.
  virtual void failed(const Error& error) = 0;
};

class Task final : public Thread {
 public:
  enum class State : uint8_t { Initial, PendingCancel, CancelDelivered, Resolved };

  // `caller` lives until it has been told the end.
  Task(AsyncState& state, const PlannedLift& lift, TaskCaller& caller);
  ~Task() override;

  void keep(std::shared_ptr<TaskCaller> owner) { owner_ = std::move(owner); }
  bool is_of_host() const { return owner_ != nullptr; }
  const PlannedLift& lift() const { return lift_; }
  CallSide& side() { return side_; }
  bool may_block() const { return lift_.type.is_async || task_state_ == State::Resolved; }
  bool is_resolved() const { return task_state_ == State::Resolved; }

  // Starts, or waits until it may.
  void begin();
  // The caller does not want the result any more.
  void request_cancellation();
  // A pending request, which is delivered by this.
  bool take_cancellation();
  // task.return, task.cancel.
  Result<void> give_result(std::span<const wasm::RawValue> cells, ResultForm form);
  Result<void> confirm_cancellation();

  // The instance failed.
  void fail(const Error& error);

  bool is_ready() const override;

 private:
  friend class AsyncState;
  enum class Step : uint8_t { Start, Callback };

  bool before_step() override;
  Result<void> run_step() override;
  void after_step(Result<void> result) override;
  Result<void> run_start();
  Result<void> run_callback();
  Result<void> continue_with(uint32_t packed);
  Result<void> exit();
  bool needs_exclusive() const;
  bool is_held_back() const;
  void take_exclusive();
  void release_exclusive();

  const PlannedLift& lift_;
  TaskCaller* caller_;
  std::shared_ptr<TaskCaller> owner_;
  CallSide side_;
  ContextSlots context_{};
  State task_state_ = State::Initial;
  Step step_ = Step::Start;
  bool holds_exclusive_ = false;
  uint32_t packed_ = 0;
  WaitEvent event_;
};

}  // namespace spindle::component
