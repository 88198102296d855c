#include "component/async/subtask.h"

#include <algorithm>

#include <fmt/format.h>

#include "component/runtime/instance.h"

namespace spindle::component {

// ---- what both have ----

void Subtask::request_cancellation() {
  is_cancellation_requested_ = true;
  ask_callee_to_cancel();
}

void Subtask::deliver_resolve() {
  is_resolve_delivered_ = true;
  lends().end_lends();
}

WaitEvent Subtask::deliver() {
  if (is_resolved()) deliver_resolve();
  return {EventCode::Subtask, index_, static_cast<uint32_t>(subtask_state_)};
}

void Subtask::set_state(State state) {
  subtask_state_ = state;
  // Without an index the caller is told by a return value; who waits for the end is woken.
  if (index_ != 0 || is_resolved()) set_event();
}

// ---- guests ----

GuestSubtask::GuestSubtask(ComponentInstance& instance, const Trampoline& trampoline,
                           std::span<const wasm::RawValue> cells)
    : Subtask(*instance.async()),
      state_(*instance.async()),
      trampoline_(trampoline),
      lift_(instance.prepared().plan().lifts[trampoline.lift.value]),
      caller_(instance, trampoline.frame, trampoline.options) {
  std::ranges::copy(cells, cells_.begin());
}

Result<void> GuestSubtask::call() {
  std::shared_ptr<Task> task = TRY(state_.begin_task(lift_, *this));
  callee_ = task;
  return {};
}

Result<void> GuestSubtask::start(CallSide& callee, std::span<wasm::RawValue> cells) {
  set_state(State::Started);
  caller_.refresh();
  const uint32_t flat_max = trampoline_.options.is_async ? kAsyncFlatParamsMax : kFlatParamsMax;
  const DynamicValue params = TRY(lift_params(caller_, lift_, cells_, flat_max));
  return lower_params(callee, lift_, params, cells);
}

Result<void> GuestSubtask::resolve(CallSide& callee, std::span<const wasm::RawValue> cells,
                                   ResultForm form) {
  const uint32_t flat_max = form == ResultForm::TaskReturn ? kFlatParamsMax : kFlatResultsMax;
  const std::optional<DynamicValue> result = TRY(lift_result(callee, lift_, cells, flat_max));
  caller_.refresh();
  if (result && trampoline_.options.is_async) {
    const size_t params = spills_params(lift_, kAsyncFlatParamsMax) ? 1 : lift_.params->flat_count;
    TRY(lower_result_at(caller_, lift_, *result, cells_[params].u32));
  } else if (result) {
    TRY(lower_result(caller_, lift_, *result, cells_));
  }
  set_state(State::Returned);
  return {};
}

Result<void> GuestSubtask::cancelled() {
  set_state(subtask_state() == State::Starting ? State::CancelledBeforeStarted
                                               : State::CancelledBeforeReturned);
  return {};
}

void GuestSubtask::ask_callee_to_cancel() {
  if (const std::shared_ptr<Task> callee = callee_.lock()) callee->request_cancellation();
}

// ---- the host ----

HostSubtask::HostSubtask(ComponentInstance& instance, const TrampolineCode& code,
                         std::span<const wasm::RawValue> cells)
    : Subtask(*instance.async()), instance_(instance), state_(*instance.async()), code_(code) {
  std::ranges::copy(cells, cells_.begin());
}

Result<bool> HostSubtask::call() {
  const Trampoline& trampoline = *code_.plan;
  HostCallSide call(instance_, trampoline.frame, trampoline.options);
  instance_.bind_host_call(call, code_, pending_);
  if (!code_.host->may_wait()) {
    return Error::not_supported(
        fmt::format("`{}` cannot be called asynchronously", trampoline.name));
  }
  const bool is_pending = TRY(code_.host->start(call, cells_));
  if (is_pending) {
    set_state(State::Started);
    return false;
  }
  TRY(code_.host->finish(call, cells_));
  return true;
}

Result<void> HostSubtask::spawn() {
  operation_ = TRY(state_.spawn(run()));
  return {};
}

io::Task<void> HostSubtask::run() {
  // A canceled operation unwinds here.
  struct Guard {
    HostSubtask& subtask;
    ~Guard() {
      if (!subtask.is_over_ && subtask.is_cancellation_requested()) {
        subtask.is_over_ = true;
        subtask.set_state(State::CancelledBeforeReturned);
      }
    }
  } guard{*this};
  auto waiting = pending_.wait();
  co_await std::move(waiting);
  is_over_ = true;
  Result<void> finished = finish();
  if (!finished) state_.fail(finished.error());
}

Result<void> HostSubtask::finish() {
  if (instance_.is_poisoned()) return {};
  const Trampoline& trampoline = *code_.plan;
  HostCallSide call(instance_, trampoline.frame, trampoline.options);
  instance_.bind_host_call(call, code_, pending_);
  scope_.take_lends(pending_.scope());
  TRY(code_.host->finish(call, cells_));
  set_state(State::Returned);
  return {};
}

void HostSubtask::ask_callee_to_cancel() {
  state_.cancel(operation_);
}

}  // namespace spindle::component
