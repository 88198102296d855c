#include <fmt/format.h>

#include "component/runtime/call_values.h"
#include "component/runtime/guest_side.h"
#include "component/runtime/instance.h"

namespace spindle::component {
namespace {

using wasm::RawValue;

// Core parameters and results of a lifted function: at most 17 parameters and one result.
using Cells = std::array<RawValue, ValueType::kFlatMax + 1>;

// The cells of a call, no more than its function has.
std::span<RawValue> used(Cells& cells, const PlannedLift& lift) {
  const size_t results = lift.type.result == nullptr ? 0 : 1;
  return std::span(cells).first(std::max(core_param_count(lift), results));
}

Error async_not_supported() {
  return Error::not_supported("asynchronously lifted functions are not supported yet");
}

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
  if (lift.options.is_async) return async_not_supported();
  Entered entered = TRY(enter(lift.frame, std::nullopt));
  CallSide side(*this, lift.frame, lift.options);
  DynamicValue params;
  params.items.assign(args.begin(), args.end());
  Cells storage{};
  const std::span<RawValue> cells = used(storage, lift);
  TRY(lower_params(side, lift, params, cells));
  TRY(call_core(lift.callee, cells));
  side.refresh();
  std::optional<DynamicValue> result = TRY(lift_result(side, lift, cells));
  TRY(side.scope().check_no_borrows());
  TRY(call_post_return(lift, cells));
  return result;
}

// ---- guest to guest ----

Result<void> ComponentInstance::guest_call(const Trampoline& trampoline,
                                           std::span<RawValue> cells) {
  TRY(check_may_leave(trampoline.frame));
  const PlannedLift& lift = prepared_->plan().lifts[trampoline.lift.value];
  if (lift.options.is_async || trampoline.options.is_async) return async_not_supported();
  Entered entered = TRY(enter(lift.frame, trampoline.frame));
  if (is_plain(lift)) return call_core(lift.callee, cells);
  return convert_call(trampoline, lift, cells);
}

Result<void> ComponentInstance::convert_call(const Trampoline& trampoline, const PlannedLift& lift,
                                             std::span<RawValue> cells) {
  CallSide caller(*this, trampoline.frame, trampoline.options);
  CallSide callee(*this, lift.frame, lift.options);
  const DynamicValue params = TRY(lift_params(caller, lift, cells));
  Cells storage{};
  const std::span<RawValue> callee_cells = used(storage, lift);
  TRY(lower_params(callee, lift, params, callee_cells));
  TRY(call_core(lift.callee, callee_cells));
  callee.refresh();
  const std::optional<DynamicValue> result = TRY(lift_result(callee, lift, callee_cells));
  TRY(callee.scope().check_no_borrows());
  caller.refresh();
  if (result) TRY(lower_result(caller, lift, *result, cells));
  return call_post_return(lift, callee_cells);
}

// ---- guest to host ----

Result<void> ComponentInstance::host_call(const TrampolineCode& code, std::span<RawValue> cells) {
  const Trampoline& trampoline = *code.plan;
  TRY(check_may_leave(trampoline.frame));
  if (code.host == nullptr) {
    return Error::trap(fmt::format("`{}` is not offered by this host", trampoline.name));
  }
  if (trampoline.options.is_async) {
    return Error::not_supported("asynchronously lowered functions are not supported yet");
  }
  HostCallSide call(*this, trampoline.frame, trampoline.options);
  call.set_host(implementations_[code.interface], pending_,
                prepared_->plan().host_imports[trampoline.host_import.value]);
  return code.host->invoke(call, cells);
}

Result<void> ComponentInstance::start_host_call(const TrampolineCode& code,
                                                std::span<RawValue> cells) {
  const Trampoline& trampoline = *code.plan;
  TRY(check_may_leave(trampoline.frame));
  HostCallSide call(*this, trampoline.frame, trampoline.options);
  call.set_host(implementations_[code.interface], pending_,
                prepared_->plan().host_imports[trampoline.host_import.value]);
  const bool is_pending = TRY(code.host->start(call, cells));
  if (is_pending) TRY(store_.set_suspension(host_wait_));
  cells[0] = RawValue::from_u32(is_pending ? 1 : 0);
  return {};
}

Result<void> ComponentInstance::finish_host_call(const TrampolineCode& code,
                                                 std::span<RawValue> cells) {
  const Trampoline& trampoline = *code.plan;
  HostCallSide call(*this, trampoline.frame, trampoline.options);
  call.set_host(implementations_[code.interface], pending_,
                prepared_->plan().host_imports[trampoline.host_import.value]);
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
  Entered entered = TRY(enter(*planned.owner, caller));
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

Result<void> ComponentInstance::built_in(const Trampoline& trampoline, std::span<RawValue> cells) {
  constexpr uint8_t kContextGet = 0x0a;
  constexpr uint8_t kContextSet = 0x0b;
  Frame& frame = frames_[trampoline.frame.value];
  const bool has_slot = trampoline.immediate < frame.context.size();
  if (trampoline.opcode == kContextGet && has_slot) {
    cells[0] = RawValue::from_u64(frame.context[trampoline.immediate]);
    return {};
  }
  if (trampoline.opcode == kContextSet && has_slot) {
    frame.context[trampoline.immediate] = static_cast<uint32_t>(cells[0].i32);
    return {};
  }
  return Error::not_supported(fmt::format("`{}` is not supported yet", trampoline.name));
}

Result<void> ComponentInstance::run_trampoline(const TrampolineCode& code,
                                               std::span<RawValue> cells) {
  const Trampoline& trampoline = *code.plan;
  HandleTable& table = handles(trampoline.frame);
  switch (trampoline.kind) {
    case TrampolineKind::HostCall: return host_call(code, cells);
    case TrampolineKind::GuestCall: return guest_call(trampoline, cells);
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
    case TrampolineKind::BuiltIn: return built_in(trampoline, cells);
  }
  return Error::internal("an unknown kind of trampoline");
}

}  // namespace spindle::component
