#include <fmt/format.h>

#include "component/async/async_state.h"
#include "component/async/built_ins.h"
#include "component/async/host_run.h"
#include "component/async/subtask.h"
#include "component/runtime/call_values.h"
#include "component/runtime/guest_side.h"
#include "component/runtime/instance.h"

namespace spindle::component {
namespace {

using wasm::RawValue;

bool is_plain(TypeRef type) {
  if (type->shape != TypeShape::Scalar) return false;
  switch (type->kind) {
    case TypeKind::S32:
    case TypeKind::U32:
    case TypeKind::S64:
    case TypeKind::U64:
    case TypeKind::F32:
    case TypeKind::F64: return true;
    default: return false;
  }
}

// Nothing to check or convert: the caller's cells are the callee's. A NaN may have any payload.
bool is_plain(const PlannedLift& lift) {
  if (lift.options.post_return || spills_params(lift)) return false;
  if (lift.type.result != nullptr && !is_plain(lift.type.result)) return false;
  return std::ranges::all_of(lift.type.params,
                             [](const FunctionParam& param) { return is_plain(param.type); });
}

}  // namespace

// ---- host to guest ----

Result<std::optional<DynamicValue>> ComponentInstance::call(LiftIndex function,
                                                            std::span<const DynamicValue> args) {
  const PlannedLift& lift = prepared_->plan().lifts[function.value];
  if (args.size() != lift.type.params.size()) {
    return Error::invalid_input(fmt::format("the function has {} parameters, {} were given",
                                            lift.type.params.size(), args.size()));
  }
  TRY(run_start());
  return conclude(call_lift(lift, args));
}

Result<std::optional<DynamicValue>> ComponentInstance::call_lift(
    const PlannedLift& lift, std::span<const DynamicValue> args) {
  if (lift.type.is_async) {
    return Error::invalid_input("an asynchronous function is called on an event loop");
  }
  Activation activation(*this);
  TRY(activation.enter(lift.frame, std::nullopt));
  CallSide side(*this, lift.frame, lift.options);
  DynamicValue params;
  params.items.assign(args.begin(), args.end());
  CoreCells storage{};
  const std::span<RawValue> cells = used_cells(storage, lift);
  TRY(lower_params(side, lift, params, cells));
  TRY(call_core(lift.callee, cells));
  side.refresh();
  std::optional<DynamicValue> result = TRY(lift_result(side, lift, cells));
  TRY(side.scope().check_no_borrows());
  TRY(call_post_return(lift, cells));
  return result;
}

namespace {

class DynamicCall final : public CallValues {
 public:
  DynamicCall(const PlannedLift& lift, std::span<const DynamicValue> args) : lift_(lift) {
    params_.items.assign(args.begin(), args.end());
  }
  Result<void> lower(CallSide& callee, std::span<RawValue> cells) override {
    return lower_params(callee, lift_, params_, cells);
  }
  Result<void> lift(CallSide& callee, std::span<const RawValue> cells, ResultForm form) override {
    const uint32_t flat_max = form == ResultForm::TaskReturn ? kFlatParamsMax : kFlatResultsMax;
    result_ = TRY(lift_result(callee, lift_, cells, flat_max));
    return {};
  }
  std::optional<DynamicValue> take_result() { return std::move(result_); }

 private:
  const PlannedLift& lift_;
  DynamicValue params_;
  std::optional<DynamicValue> result_;
};

}  // namespace

io::Task<Result<std::optional<DynamicValue>>> ComponentInstance::call_async(
    LiftIndex function, std::span<const DynamicValue> args) {
  const PlannedLift& lift = prepared_->plan().lifts[function.value];
  if (args.size() != lift.type.params.size()) {
    co_return Error::invalid_input(fmt::format("the function has {} parameters, {} were given",
                                               lift.type.params.size(), args.size()));
  }
  if (!lift.type.is_async) {
    std::optional<DynamicValue> result;
    auto running = run([this, &lift, &args, &result]() -> Result<void> {
      result = TRY(call_lift(lift, args));
      return {};
    });
    auto ran = co_await std::move(running);
    CO_TRY(std::move(ran));
    co_return result;
  }
  auto values = std::make_shared<DynamicCall>(lift, args);
  auto running = run_as_task(*async_, lift, values);
  auto ran = co_await std::move(running);
  CO_TRY(std::move(ran));
  co_return values->take_result();
}

// ---- guest to guest ----

Result<void> ComponentInstance::guest_call(const Trampoline& trampoline,
                                           std::span<RawValue> cells) {
  TRY(check_may_leave(trampoline.frame));
  const PlannedLift& lift = prepared_->plan().lifts[trampoline.lift.value];
  Activation activation(*this);
  TRY(activation.enter(lift.frame, trampoline.frame));
  if (is_plain(lift)) return call_core(lift.callee, cells);
  return convert_call(trampoline, lift, cells);
}

Result<void> ComponentInstance::convert_call(const Trampoline& trampoline, const PlannedLift& lift,
                                             std::span<RawValue> cells) {
  CallSide caller(*this, trampoline.frame, trampoline.options);
  CallSide callee(*this, lift.frame, lift.options);
  const DynamicValue params = TRY(lift_params(caller, lift, cells));
  CoreCells storage{};
  const std::span<RawValue> callee_cells = used_cells(storage, lift);
  TRY(lower_params(callee, lift, params, callee_cells));
  TRY(call_core(lift.callee, callee_cells));
  callee.refresh();
  const std::optional<DynamicValue> result = TRY(lift_result(callee, lift, callee_cells));
  TRY(callee.scope().check_no_borrows());
  caller.refresh();
  if (result) TRY(lower_result(caller, lift, *result, cells));
  return call_post_return(lift, callee_cells);
}

// Asynchronous functions, lowered asynchronously: the answer says how far the callee got.
namespace {

RawValue packed_state(Subtask::State state, uint32_t index) {
  constexpr uint32_t kStateBits = 4;
  return RawValue::from_u32(static_cast<uint32_t>(state) | index << kStateBits);
}

}  // namespace

Result<void> ComponentInstance::async_guest_call(const Trampoline& trampoline,
                                                 std::span<RawValue> cells) {
  TRY(check_may_leave(trampoline.frame));
  auto subtask = std::make_unique<GuestSubtask>(*this, trampoline, cells);
  GuestSubtask& made = *subtask;
  TRY(made.call());
  if (made.is_resolved()) {
    made.deliver_resolve();
    cells[0] = packed_state(made.subtask_state(), 0);
    return {};
  }
  const uint32_t index = TRY(handles(trampoline.frame).add_object(std::move(subtask)));
  made.set_index(index);
  cells[0] = packed_state(made.subtask_state(), index);
  return {};
}

// ... lowered synchronously: the caller waits.
Result<bool> ComponentInstance::start_guest_call(const Trampoline& trampoline,
                                                 std::span<RawValue> cells) {
  TRY(check_may_leave(trampoline.frame));
  if (!async_->may_block()) return cannot_block();
  Thread& caller = *async_->current();
  auto subtask = std::make_unique<GuestSubtask>(*this, trampoline, cells);
  GuestSubtask& made = *subtask;
  caller.sync_call() = std::move(subtask);
  TRY(made.call());
  if (made.is_resolved()) return false;
  TRY(caller.block_on(made));
  return true;
}

Result<void> ComponentInstance::finish_guest_call(std::span<RawValue> cells) {
  const std::unique_ptr<Subtask> subtask = std::move(async_->current()->sync_call());
  VERIFY(subtask != nullptr);
  subtask->deliver_resolve();
  auto& called = static_cast<GuestSubtask&>(*subtask);
  cells[0] = called.results()[0];
  return {};
}

// ---- guest to host ----

void ComponentInstance::bind_host_call(HostCallSide& call, const TrampolineCode& code,
                                       PendingCall& pending) {
  call.set_host(implementations_[code.interface], pending,
                prepared_->plan().host_imports[code.plan->host_import.value]);
}

Result<void> ComponentInstance::check_host_call(const TrampolineCode& code) {
  TRY(check_may_leave(code.plan->frame));
  if (code.host == nullptr) {
    return Error::trap(fmt::format("`{}` is not offered by this host", code.plan->name));
  }
  return {};
}

Result<void> ComponentInstance::host_call(const TrampolineCode& code, std::span<RawValue> cells) {
  TRY(check_host_call(code));
  const Trampoline& trampoline = *code.plan;
  HostCallSide call(*this, trampoline.frame, trampoline.options);
  bind_host_call(call, code, pending_);
  return code.host->invoke(call, cells);
}

Result<void> ComponentInstance::async_host_call(const TrampolineCode& code,
                                                std::span<RawValue> cells) {
  TRY(check_host_call(code));
  auto subtask = std::make_unique<HostSubtask>(*this, code, cells);
  HostSubtask& made = *subtask;
  const bool is_over = TRY(made.call());
  if (is_over) {
    cells[0] = packed_state(Subtask::State::Returned, 0);
    return {};
  }
  const uint32_t index = TRY(handles(code.plan->frame).add_object(std::move(subtask)));
  made.set_index(index);
  TRY(made.spawn());
  if (made.is_resolved()) {
    // It had nothing to wait for after all: the caller never gets to see the subtask.
    made.deliver_resolve();
    TRY(handles(code.plan->frame).take_object(index));
    cells[0] = packed_state(Subtask::State::Returned, 0);
    return {};
  }
  cells[0] = packed_state(made.subtask_state(), index);
  return {};
}

PendingCall& ComponentInstance::current_pending() {
  return async_ && async_->current() != nullptr ? async_->current()->pending() : pending_;
}

Result<bool> ComponentInstance::start_host_call(const TrampolineCode& code,
                                                std::span<RawValue> cells) {
  TRY(check_may_leave(code.plan->frame));
  const Trampoline& trampoline = *code.plan;
  const HostImport& import = prepared_->plan().host_imports[trampoline.host_import.value];
  if (import.type.is_async && !async_->may_block()) return cannot_block();
  HostCallSide call(*this, trampoline.frame, trampoline.options);
  bind_host_call(call, code, current_pending());
  const bool is_pending = TRY(code.host->start(call, cells));
  if (!is_pending) return false;
  if (async_ && async_->current() != nullptr) {
    TRY(async_->current()->block_on_host());
  } else {
    TRY(store_.set_suspension(host_wait_));
  }
  return true;
}

// ---- trampolines that may wait ----

Result<bool> ComponentInstance::start_built_in(const TrampolineCode& code,
                                               std::span<RawValue> cells) {
  BuiltInCall call{*this, *code.plan, cells};
  TRY(check_built_in(call));
  const BuiltInStep step = TRY(code.built_in->start(call));
  if (step == BuiltInStep::Blocked) return true;
  async_->keep_result(cells[0]);
  return false;
}

Result<void> ComponentInstance::start_waiting_call(const TrampolineCode& code,
                                                   std::span<RawValue> cells) {
  bool waits = false;
  switch (code.plan->kind) {
    case TrampolineKind::HostCall: waits = TRY(start_host_call(code, cells)); break;
    case TrampolineKind::GuestCall: waits = TRY(start_guest_call(*code.plan, cells)); break;
    default: waits = TRY(start_built_in(code, cells)); break;
  }
  cells[0] = RawValue::from_u32(waits ? 1 : 0);
  return {};
}

Result<void> ComponentInstance::finish_waiting_call(const TrampolineCode& code,
                                                    std::span<RawValue> cells) {
  switch (code.plan->kind) {
    case TrampolineKind::HostCall: break;
    case TrampolineKind::GuestCall: return finish_guest_call(cells);
    default: {
      if (std::optional<RawValue> done = async_->take_result()) {
        cells[0] = *done;
        return {};
      }
      BuiltInCall call{*this, *code.plan, cells};
      return code.built_in->finish(call);
    }
  }
  const Trampoline& trampoline = *code.plan;
  HostCallSide call(*this, trampoline.frame, trampoline.options);
  bind_host_call(call, code, current_pending());
  return code.host->finish(call, cells);
}

// ---- resources ----

Result<void> ComponentInstance::destroy_guest_resource(ResourceIndex resource,
                                                       uint32_t representation,
                                                       std::optional<FrameIndex> caller) {
  const PlannedResource& planned = prepared_->plan().resources[resource.value];
  std::array<RawValue, 1> cells{RawValue::from_u32(representation)};
  if (caller == planned.owner) {
    return planned.destructor ? call_core(*planned.destructor, cells) : Result<void>();
  }
  Activation activation(*this);
  TRY(activation.enter(*planned.owner, caller));
  return planned.destructor ? call_core(*planned.destructor, cells) : Result<void>();
}

Result<void> ComponentInstance::resource_drop(const Trampoline& trampoline, uint32_t index) {
  HandleTable::Dropped dropped =
      TRY(handles(trampoline.frame).drop(index, resource_type(trampoline.resource)));
  if (!dropped.was_own) return {};
  const PlannedResource& planned = prepared_->plan().resources[trampoline.resource.value];
  if (!planned.owner) return resources_.drop(dropped.rep);
  return destroy_guest_resource(trampoline.resource, dropped.rep, trampoline.frame);
}

Result<void> ComponentInstance::drop_guest_resource(ResourceIndex resource,
                                                    uint32_t representation) {
  TRY(run_start());
  return conclude(destroy_guest_resource(resource, representation, std::nullopt));
}

// ---- built-ins ----

Result<void> ComponentInstance::built_in(const TrampolineCode& code, std::span<RawValue> cells) {
  if (code.built_in == nullptr) {
    return Error::not_supported(fmt::format("`{}` is not supported yet", code.plan->name));
  }
  BuiltInCall call{*this, *code.plan, cells};
  TRY(check_built_in(call));
  TRY(code.built_in->start(call));
  return {};
}

Result<void> ComponentInstance::run_trampoline(const TrampolineCode& code,
                                               std::span<RawValue> cells) {
  const Trampoline& trampoline = *code.plan;
  HandleTable& table = handles(trampoline.frame);
  switch (trampoline.kind) {
    case TrampolineKind::HostCall:
      return trampoline.options.is_async ? async_host_call(code, cells) : host_call(code, cells);
    case TrampolineKind::GuestCall:
      return trampoline.options.is_async ? async_guest_call(trampoline, cells)
                                         : guest_call(trampoline, cells);
    case TrampolineKind::ResourceNew: {
      TRY(check_may_leave(trampoline.frame));
      const uint32_t index = TRY(
          table.add_own(resource_type(trampoline.resource), static_cast<uint32_t>(cells[0].i32)));
      cells[0] = RawValue::from_u32(index);
      return {};
    }
    case TrampolineKind::ResourceRep: {
      const uint32_t rep =
          TRY(table.rep(static_cast<uint32_t>(cells[0].i32), resource_type(trampoline.resource)));
      cells[0] = RawValue::from_u32(rep);
      return {};
    }
    case TrampolineKind::ResourceDrop:
      TRY(check_may_leave(trampoline.frame));
      return resource_drop(trampoline, static_cast<uint32_t>(cells[0].i32));
    case TrampolineKind::BuiltIn: return built_in(code, cells);
  }
  return Error::internal("an unknown kind of trampoline");
}

}  // namespace spindle::component
