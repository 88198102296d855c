#include "component/async/task.h"

#include <fmt/format.h>

#include "component/async/async_state.h"
#include "component/async/subtask.h"
#include "component/runtime/call_values.h"

namespace spindle::component {

namespace {

// What a callback returns: what next, and the set to wait on.
constexpr uint32_t kExit = 0;
constexpr uint32_t kYield = 1;
constexpr uint32_t kWait = 2;
constexpr uint32_t kCodeBits = 4;

}  // namespace

TaskCaller::~TaskCaller() = default;

Task::Task(AsyncState& state, const PlannedLift& lift, TaskCaller& caller)
    : Thread(state),
      lift_(lift),
      caller_(&caller),
      side_(state.instance(), lift.frame, lift.options) {}

Task::~Task() = default;

// ---- coming in ----

bool Task::needs_exclusive() const {
  return !lift_.options.is_async || lift_.options.callback.has_value();
}

bool Task::is_held_back() const {
  const AsyncState::Gate& gate = state().gate(lift_.frame);
  return gate.backpressure != 0 || (needs_exclusive() && gate.is_exclusive);
}

void Task::take_exclusive() {
  if (!needs_exclusive()) return;
  state().gate(lift_.frame).is_exclusive = true;
  holds_exclusive_ = true;
}

void Task::release_exclusive() {
  if (!std::exchange(holds_exclusive_, false)) return;
  AsyncState::Gate& gate = state().gate(lift_.frame);
  gate.is_exclusive = false;
  state().wake();
}

void Task::begin() {
  AsyncState::Gate& gate = state().gate(lift_.frame);
  if (is_held_back() || gate.waiting != 0) {
    ++gate.waiting;
    wait_for(Wait::Enter, true);
    return;
  }
  resume();
}

bool Task::is_ready() const {
  switch (wait()) {
    case Wait::Enter: return !is_held_back() && !state().is_blocked_by_marks(lift_.frame);
    case Wait::Callback: {
      if (state().gate(lift_.frame).is_exclusive) return false;
      if (state().is_blocked_by_marks(lift_.frame)) return false;
      return waited() == nullptr || waited()->has_event() || task_state_ == State::PendingCancel;
    }
    default: return Thread::is_ready();
  }
}

bool Task::before_step() {
  if (step_ == Step::Start) {
    if (last_wait() == Wait::Enter) --state().gate(lift_.frame).waiting;
    if (was_cancelled()) {
      Result<void> told = confirm_cancellation();
      if (told) told = exit();
      if (!told) state().fail(told.error());
      return false;
    }
  } else if (was_cancelled() || take_cancellation()) {
    event_ = {EventCode::TaskCancelled, 0, 0};
  } else {
    event_ = waited() == nullptr ? WaitEvent{} : waited()->take_event();
  }
  take_exclusive();
  return true;
}

// ---- running ----

Result<void> Task::run_step() {
  return step_ == Step::Start ? run_start() : run_callback();
}

Result<void> Task::run_start() {
  ComponentInstance& instance = state().instance();
  TRY(instance.run_start());
  Activation activation(instance);
  TRY(activation.enter(lift_.frame, outer_frame(), *this, context_));
  CoreCells storage{};
  const std::span<wasm::RawValue> cells = used_cells(storage, lift_);
  side_.refresh();
  TRY(caller_->start(side_, cells));
  TRY(instance.call_core(lift_.callee, cells));
  side_.refresh();
  packed_ = kExit;
  if (!lift_.options.is_async) {
    TRY(give_result(cells, ResultForm::CoreResults));
    return instance.call_post_return(lift_, cells);
  }
  if (lift_.options.callback) packed_ = cells[0].u32;
  return {};
}

Result<void> Task::run_callback() {
  ComponentInstance& instance = state().instance();
  Activation activation(instance);
  TRY(activation.enter(lift_.frame, outer_frame(), *this, context_));
  std::array<wasm::RawValue, 3> cells{wasm::RawValue::from_u32(static_cast<uint32_t>(event_.code)),
                                      wasm::RawValue::from_u32(event_.index),
                                      wasm::RawValue::from_u32(event_.payload)};
  TRY(instance.call_core(*lift_.options.callback, cells));
  side_.refresh();
  packed_ = cells[0].u32;
  return {};
}

void Task::after_step(Result<void> result) {
  if (result) result = continue_with(packed_);
  if (!result) state().fail(result.error());
}

Result<void> Task::continue_with(uint32_t packed) {
  const uint32_t code = packed & ((1U << kCodeBits) - 1);
  set_waited(nullptr);
  step_ = Step::Callback;
  if (code == kWait) {
    HandleTable& handles = state().instance().handles(lift_.frame);
    auto* set = dynamic_cast<WaitableSet*>(TRY(handles.object(packed >> kCodeBits)));
    if (set == nullptr) {
      return Error::trap(fmt::format("handle index {} used with the wrong type, expected a set",
                                     packed >> kCodeBits));
    }
    set_waited(set);
  } else if (code == kExit) {
    return exit();
  } else if (code != kYield) {
    return Error::trap(fmt::format("unsupported callback code: {}", code));
  }
  release_exclusive();
  wait_for(Wait::Callback, true);
  return {};
}

Result<void> Task::exit() {
  release_exclusive();
  if (!is_resolved()) {
    return Error::trap(
        "async-lifted export failed to produce a result: it ended without `task.return` or "
        "`task.cancel`");
  }
  finish();
  state().remove(*this);
  return {};
}

// ---- the result ----

Result<void> Task::give_result(std::span<const wasm::RawValue> cells, ResultForm form) {
  if (is_resolved()) {
    return Error::trap("`task.return` or `task.cancel` called more than once for current task");
  }
  TRY(side_.scope().check_no_borrows());
  side_.refresh();
  TaskCaller* caller = std::exchange(caller_, nullptr);
  Result<void> taken = caller->resolve(side_, cells, form);
  if (!taken) {
    caller_ = caller;
    return taken;
  }
  task_state_ = State::Resolved;
  return {};
}

Result<void> Task::confirm_cancellation() {
  if (is_resolved()) {
    return Error::trap("`task.return` or `task.cancel` called more than once for current task");
  }
  if (task_state_ != State::CancelDelivered) {
    return Error::trap("`task.cancel` called by task which has not been cancelled");
  }
  TRY(side_.scope().check_no_borrows());
  TRY(std::exchange(caller_, nullptr)->cancelled());
  task_state_ = State::Resolved;
  return {};
}

void Task::request_cancellation() {
  if (task_state_ != State::Initial) return;
  const bool may_run = wait() != Wait::Callback || (!state().gate(lift_.frame).is_exclusive &&
                                                    !state().is_blocked_by_marks(lift_.frame));
  if (!is_cancellable() || !may_run) {
    task_state_ = State::PendingCancel;
    return;
  }
  task_state_ = State::CancelDelivered;
  resume_cancelled();
}

bool Task::take_cancellation() {
  if (task_state_ != State::PendingCancel) return false;
  task_state_ = State::CancelDelivered;
  return true;
}

void Task::fail(const Error& error) {
  if (TaskCaller* caller = std::exchange(caller_, nullptr)) caller->failed(error);
}

}  // namespace spindle::component
