#include "component/async/built_ins.h"

#include <fmt/format.h>

#include "component/abi/typed.h"
#include "component/async/async_state.h"
#include "component/async/error_context.h"
#include "component/async/subtask.h"
#include "component/async/transfer_built_ins.h"
#include "component/runtime/instance.h"

namespace spindle::component {

namespace {

using wasm::RawValue;

constexpr uint32_t kBackpressureMax = (1U << 16) - 1;

AsyncState& state_of(BuiltInCall& call) {
  return *call.instance.async();
}
FrameIndex frame_of(const BuiltInCall& call) {
  return call.trampoline.frame;
}

// The object at an index, which must be of a class.
template <typename T>
Result<T*> object_at(BuiltInCall& call, uint32_t index, std::string_view what) {
  TableObject* object = TRY(call.instance.handles(frame_of(call)).object(index));
  auto* found = dynamic_cast<T*>(object);
  if (found == nullptr) {
    return Error::trap(
        fmt::format("handle index {} used with the wrong type, expected {}", index, what));
  }
  return found;
}

Result<WaitableSet*> set_at(BuiltInCall& call, uint32_t index) {
  return object_at<WaitableSet>(call, index, "a waitable set");
}

// ---- task.return, task.cancel ----

Result<BuiltInStep> task_return(BuiltInCall& call) {
  Task* task = state_of(call).current_task();
  const Trampoline& declared = call.trampoline;
  const bool fits =
      task != nullptr && task->lift().options.is_async && task->lift().frame == declared.frame &&
      task->lift().type.result == declared.type &&
      task->lift().options.encoding == declared.options.encoding &&
      (!declared.options.memory || task->lift().options.memory == declared.options.memory);
  if (!fits) {
    return Error::trap("invalid `task.return` signature and/or options for current task");
  }
  TRY(task->give_result(call.cells, ResultForm::TaskReturn));
  return BuiltInStep::Done;
}

Result<BuiltInStep> task_cancel(BuiltInCall& call) {
  Task* task = state_of(call).current_task();
  if (task == nullptr || !task->lift().options.is_async) {
    return Error::trap("`task.cancel` called by a task that is not lifted asynchronously");
  }
  TRY(task->confirm_cancellation());
  return BuiltInStep::Done;
}

// ---- context.get, context.set ----

ContextSlots& slots_of(BuiltInCall& call) {
  return call.instance.context();
}

Result<BuiltInStep> context_get(BuiltInCall& call) {
  const ContextSlots& slots = slots_of(call);
  if (call.trampoline.immediate >= slots.size()) return Error::internal("no such context slot");
  call.cells[0] = RawValue::from_u64(slots[call.trampoline.immediate]);
  return BuiltInStep::Done;
}

Result<BuiltInStep> context_set(BuiltInCall& call) {
  ContextSlots& slots = slots_of(call);
  if (call.trampoline.immediate >= slots.size()) return Error::internal("no such context slot");
  const bool is_wide = call.trampoline.signature.params[0] == FlatType::I64;
  slots[call.trampoline.immediate] =
      is_wide ? static_cast<uint64_t>(call.cells[0].i64) : call.cells[0].u32;
  return BuiltInStep::Done;
}

// ---- back-pressure ----

Result<BuiltInStep> backpressure_inc(BuiltInCall& call) {
  AsyncState::Gate& gate = state_of(call).gate(frame_of(call));
  if (gate.backpressure == kBackpressureMax) return Error::trap("backpressure counter overflow");
  ++gate.backpressure;
  return BuiltInStep::Done;
}

Result<BuiltInStep> backpressure_dec(BuiltInCall& call) {
  AsyncState::Gate& gate = state_of(call).gate(frame_of(call));
  if (gate.backpressure == 0) return Error::trap("backpressure counter underflow");
  if (--gate.backpressure == 0) state_of(call).wake();
  return BuiltInStep::Done;
}

// ---- thread.yield ----

Result<BuiltInStep> thread_yield(BuiltInCall& call) {
  AsyncState& state = state_of(call);
  Task* task = state.current_task();
  const bool cancellable = call.trampoline.cancellable;
  if (cancellable && task != nullptr && task->take_cancellation()) {
    call.set_result(1);
    return BuiltInStep::Done;
  }
  if (!state.may_block()) {
    call.set_result(0);
    return BuiltInStep::Done;
  }
  TRY(state.current()->block_for_turn(cancellable));
  return BuiltInStep::Blocked;
}

Result<void> finish_yield(BuiltInCall& call) {
  call.set_result(state_of(call).current()->was_cancelled() ? 1 : 0);
  return {};
}

// ---- waitable sets ----

Result<BuiltInStep> set_new(BuiltInCall& call) {
  const uint32_t index =
      TRY(call.instance.handles(frame_of(call)).add_object(std::make_unique<WaitableSet>()));
  call.set_result(index);
  return BuiltInStep::Done;
}

// The event's numbers go to memory, its code is the result.
Result<void> write_event(BuiltInCall& call, uint32_t pointer, const WaitEvent& event) {
  CallSide side(call.instance, frame_of(call), call.trampoline.options);
  TRY(side.check_pointer(pointer, 8, 4));
  store_raw<uint32_t>(side, pointer, event.index);
  store_raw<uint32_t>(side, pointer + 4, event.payload);
  call.set_result(static_cast<uint32_t>(event.code));
  return {};
}

Result<BuiltInStep> set_wait(BuiltInCall& call) {
  AsyncState& state = state_of(call);
  WaitableSet* set = TRY(set_at(call, call.arg(0)));
  const bool cancellable = call.trampoline.cancellable;
  if (cancellable && state.current_task()->take_cancellation()) {
    TRY(write_event(call, call.arg(1), {EventCode::TaskCancelled, 0, 0}));
    return BuiltInStep::Done;
  }
  if (set->has_event()) {
    TRY(write_event(call, call.arg(1), set->take_event()));
    return BuiltInStep::Done;
  }
  TRY(state.current()->block_on(*set, cancellable));
  return BuiltInStep::Blocked;
}

Result<void> finish_set_wait(BuiltInCall& call) {
  if (state_of(call).current()->was_cancelled()) {
    return write_event(call, call.arg(1), {EventCode::TaskCancelled, 0, 0});
  }
  WaitableSet* set = TRY(set_at(call, call.arg(0)));
  return write_event(call, call.arg(1), set->take_event());
}

Result<BuiltInStep> set_poll(BuiltInCall& call) {
  WaitableSet* set = TRY(set_at(call, call.arg(0)));
  Task* task = state_of(call).current_task();
  WaitEvent event;
  if (call.trampoline.cancellable && task != nullptr && task->take_cancellation()) {
    event.code = EventCode::TaskCancelled;
  } else if (set->has_event()) {
    event = set->take_event();
  }
  TRY(write_event(call, call.arg(1), event));
  return BuiltInStep::Done;
}

Result<BuiltInStep> set_drop(BuiltInCall& call) {
  WaitableSet* set = TRY(set_at(call, call.arg(0)));
  if (set->waiting() != 0) return Error::trap("cannot drop waitable set with waiters");
  if (!set->is_empty()) return Error::trap("cannot drop waitable set with members");
  TRY(call.instance.handles(frame_of(call)).take_object(call.arg(0)));
  return BuiltInStep::Done;
}

Result<BuiltInStep> waitable_join(BuiltInCall& call) {
  auto* waitable = TRY(object_at<Waitable>(call, call.arg(0), "a waitable"));
  WaitableSet* set = nullptr;
  if (call.arg(1) != 0) set = TRY(set_at(call, call.arg(1)));
  if (waitable->has_waiter()) {
    return Error::trap("waitable cannot be used synchronously while added to a waitable set");
  }
  waitable->join(set);
  return BuiltInStep::Done;
}

// ---- subtasks ----

Result<Subtask*> subtask_at(BuiltInCall& call, uint32_t index) {
  return object_at<Subtask>(call, index, "a subtask");
}

void take_subtask_state(BuiltInCall& call, Subtask& subtask) {
  call.set_result(subtask.take_event().payload);
}

Result<BuiltInStep> subtask_cancel(BuiltInCall& call) {
  Subtask* subtask = TRY(subtask_at(call, call.arg(0)));
  if (subtask->is_resolve_delivered() || subtask->is_cancellation_requested()) {
    return Error::trap("`subtask.cancel` called after terminal status delivered");
  }
  if (!call.trampoline.options.is_async && subtask->set() != nullptr) {
    return Error::trap("waitable cannot be used synchronously while added to a waitable set");
  }
  AsyncState& state = state_of(call);
  if (!subtask->is_resolved()) {
    subtask->request_cancellation();
    if (state.failure()) return *state.failure();
  }
  if (subtask->is_resolved()) {
    take_subtask_state(call, *subtask);
    return BuiltInStep::Done;
  }
  if (call.trampoline.options.is_async) {
    call.set_result(kBlocked);
    return BuiltInStep::Done;
  }
  // What it has to say up to now is not the end.
  subtask->clear_event();
  TRY(state.current()->block_on(*subtask));
  return BuiltInStep::Blocked;
}

Result<void> finish_subtask_cancel(BuiltInCall& call) {
  Subtask* subtask = TRY(subtask_at(call, call.arg(0)));
  take_subtask_state(call, *subtask);
  return {};
}

Result<BuiltInStep> subtask_drop(BuiltInCall& call) {
  Subtask* subtask = TRY(subtask_at(call, call.arg(0)));
  if (!subtask->is_resolve_delivered()) {
    return Error::trap("cannot drop a subtask which has not yet resolved");
  }
  TRY(call.instance.handles(frame_of(call)).take_object(call.arg(0)));
  return BuiltInStep::Done;
}

constexpr BuiltIn kTaskReturn{&task_return, nullptr};
constexpr BuiltIn kTaskCancel{&task_cancel, nullptr};
constexpr BuiltIn kContextGet{&context_get, nullptr};
constexpr BuiltIn kContextSet{&context_set, nullptr};
constexpr BuiltIn kBackpressureInc{&backpressure_inc, nullptr};
constexpr BuiltIn kBackpressureDec{&backpressure_dec, nullptr};
constexpr BuiltIn kThreadYield{&thread_yield, &finish_yield};
constexpr BuiltIn kSetNew{&set_new, nullptr};
constexpr BuiltIn kSetWait{&set_wait, &finish_set_wait};
constexpr BuiltIn kSetPoll{&set_poll, nullptr};
constexpr BuiltIn kSetDrop{&set_drop, nullptr};
constexpr BuiltIn kJoin{&waitable_join, nullptr};
constexpr BuiltIn kSubtaskCancel{&subtask_cancel, &finish_subtask_cancel};
constexpr BuiltIn kSubtaskDrop{&subtask_drop, nullptr};

bool needs_no_leave(CanonOp op) {
  return op == CanonOp::ContextGet || op == CanonOp::ContextSet || op == CanonOp::BackpressureInc ||
         op == CanonOp::BackpressureDec;
}

}  // namespace

const BuiltIn* find_built_in(CanonOp op) {
  switch (op) {
    case CanonOp::TaskReturn: return &kTaskReturn;
    case CanonOp::TaskCancel: return &kTaskCancel;
    case CanonOp::ContextGet: return &kContextGet;
    case CanonOp::ContextSet: return &kContextSet;
    case CanonOp::BackpressureInc: return &kBackpressureInc;
    case CanonOp::BackpressureDec: return &kBackpressureDec;
    case CanonOp::ThreadYield: return &kThreadYield;
    case CanonOp::WaitableSetNew: return &kSetNew;
    case CanonOp::WaitableSetWait: return &kSetWait;
    case CanonOp::WaitableSetPoll: return &kSetPoll;
    case CanonOp::WaitableSetDrop: return &kSetDrop;
    case CanonOp::WaitableJoin: return &kJoin;
    case CanonOp::SubtaskCancel: return &kSubtaskCancel;
    case CanonOp::SubtaskDrop: return &kSubtaskDrop;
    case CanonOp::ErrorContextNew:
    case CanonOp::ErrorContextDebugMessage:
    case CanonOp::ErrorContextDrop: return error_context_built_in(op);
    default: return transfer_built_in(op);
  }
}

bool may_wait(const Trampoline& built_in) {
  const BuiltIn* found = find_built_in(static_cast<CanonOp>(built_in.opcode));
  return found != nullptr && found->finish != nullptr && !built_in.options.is_async;
}

Result<void> check_built_in(const BuiltInCall& call) {
  const auto op = static_cast<CanonOp>(call.trampoline.opcode);
  if (needs_no_leave(op)) return {};
  TRY(call.instance.check_may_leave(call.trampoline.frame));
  if (op == CanonOp::ThreadYield || !may_wait(call.trampoline)) return {};
  if (!call.instance.async()->may_block()) return cannot_block();
  return {};
}

}  // namespace spindle::component
