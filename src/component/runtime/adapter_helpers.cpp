#include "component/runtime/adapter_helpers.h"

#include <fmt/format.h>

#include "component/runtime/guest_side.h"
#include "component/values/lift_lower.h"

namespace spindle::component {
namespace {

using wasm::RawValue;

Error trap_of(AdapterTrap trap, uint32_t found, uint32_t expected) {
  switch (trap) {
    case AdapterTrap::CannotLeave: return Error::trap("cannot leave component instance");
    case AdapterTrap::CannotEnter: return Error::trap("cannot enter component instance");
    case AdapterTrap::InvalidChar:
      return Error::trap(fmt::format("invalid `char` bit pattern {:#x}", found));
    case AdapterTrap::InvalidDiscriminant:
      return Error::trap(
          fmt::format("invalid variant discriminant: {} where {} cases exist", found, expected));
    case AdapterTrap::UnalignedPointer: return Error::trap("unaligned pointer");
    case AdapterTrap::PointerOutOfBounds: return Error::trap("pointer out of bounds of memory");
    case AdapterTrap::ListOutOfBounds: return Error::trap("list content out-of-bounds");
    case AdapterTrap::StringOutOfBounds: return Error::trap("string content out-of-bounds");
    case AdapterTrap::ReallocMisaligned: return Error::trap("realloc return: result not aligned");
    case AdapterTrap::ReallocOutOfBounds:
      return Error::trap("realloc return: beyond end of memory");
    case AdapterTrap::UncaughtException: return Error::trap("wasm trap: uncaught exception");
  }
  return Error::internal("an unknown trap of an adapter");
}

// Both sides of the helper's call.
struct Sides {
  Sides(ComponentInstance& instance, TrampolineIndex index)
      : Sides(instance, instance.prepared().plan().trampolines[index.value]) {}
  Sides(ComponentInstance& instance, const Trampoline& trampoline)
      : Sides(instance, trampoline, instance.prepared().plan().lifts[trampoline.lift.value]) {}
  Sides(ComponentInstance& instance, const Trampoline& trampoline, const PlannedLift& lift)
      : caller(instance, trampoline.frame, trampoline.options),
        callee(instance, lift.frame, lift.options) {}
  CallSide caller;
  CallSide callee;
};

StringRange range_in(std::span<RawValue> cells) {
  return {cells[0].u32, cells[1].u32};
}

Result<void> check_string(AbiSide& side, std::span<RawValue> cells) {
  TRY(lift_string(side, range_in(cells)));
  return {};
}

Result<void> pass_string(AbiSide& from, AbiSide& to, std::span<RawValue> cells) {
  const DynamicValue text = TRY(lift_string(from, range_in(cells)));
  const StringRange range = TRY(lower_string(to, text));
  cells[0] = RawValue::from_u32(range.pointer);
  cells[1] = RawValue::from_u32(range.length);
  return {};
}

// A handle of the first frame becomes one of the second.
struct Passing {
  FrameIndex from;
  FrameIndex to;
  ResourceIndex resource;
};

Result<uint32_t> pass_own(ComponentInstance& instance, const Passing& passing, uint32_t handle) {
  const ResourceType& type = instance.resource_type(passing.resource);
  const uint32_t rep = TRY(instance.handles(passing.from).take_own(handle, type));
  return instance.handles(passing.to).add_own(type, rep);
}

Result<uint32_t> pass_borrow(ComponentInstance& instance, const Passing& passing, uint32_t handle,
                             CallScope& scope) {
  const ResourceType& type = instance.resource_type(passing.resource);
  const uint32_t rep = TRY(instance.handles(passing.from).lend(handle, type, scope));
  // Who defines a resource sees what it is, not a handle.
  if (instance.defines(passing.to, passing.resource)) return rep;
  return instance.handles(passing.to).add_borrow(type, rep, scope);
}

Result<void> run_handle_helper(ComponentInstance& instance, const AdapterHelperImport& helper,
                               std::span<RawValue> cells) {
  const InstantiationPlan& plan = instance.prepared().plan();
  const Trampoline& trampoline = plan.trampolines[helper.trampoline.value];
  const FrameIndex caller = trampoline.frame;
  const FrameIndex callee = plan.lifts[trampoline.lift.value].frame;
  AdapterScopes& scopes = instance.adapter_scopes();
  uint32_t passed = 0;
  switch (helper.helper) {
    case AdapterHelper::EnterScope: passed = scopes.open(); break;
    case AdapterHelper::CheckScope: return scopes.at(cells[0].u32).check_no_borrows();
    case AdapterHelper::LeaveScope: scopes.close(cells[0].u32); return {};
    case AdapterHelper::OwnToCallee:
      passed = TRY(pass_own(instance, {caller, callee, ResourceIndex(cells[1].u32)}, cells[0].u32));
      break;
    case AdapterHelper::OwnToCaller:
      passed = TRY(pass_own(instance, {callee, caller, ResourceIndex(cells[1].u32)}, cells[0].u32));
      break;
    case AdapterHelper::BorrowToCallee:
      passed = TRY(pass_borrow(instance, {caller, callee, ResourceIndex(cells[2].u32)},
                               cells[1].u32, scopes.at(cells[0].u32)));
      break;
    default: return Error::internal("a helper that no adapter uses");
  }
  cells[0] = RawValue::from_u32(passed);
  return {};
}

}  // namespace

uint32_t AdapterScopes::open() {
  if (open_ == scopes_.size()) scopes_.push_back(std::make_unique<CallScope>());
  return open_++;
}

void AdapterScopes::close(uint32_t scope) {
  scopes_[scope]->end_lends();
  open_ = scope;
}

Result<void> run_adapter_helper(ComponentInstance& instance, const AdapterHelperImport& helper,
                                std::span<RawValue> cells) {
  if (helper.helper == AdapterHelper::Trap) {
    return trap_of(static_cast<AdapterTrap>(cells[0].u32), cells[1].u32, cells[2].u32);
  }
  if (helper.helper >= AdapterHelper::EnterScope) return run_handle_helper(instance, helper, cells);
  Sides sides(instance, helper.trampoline);
  switch (helper.helper) {
    case AdapterHelper::CheckStringOfCaller: return check_string(sides.caller, cells);
    case AdapterHelper::CheckStringOfCallee: return check_string(sides.callee, cells);
    case AdapterHelper::StringToCallee: return pass_string(sides.caller, sides.callee, cells);
    case AdapterHelper::StringToCaller: return pass_string(sides.callee, sides.caller, cells);
    default: return Error::internal("a helper that no adapter uses");
  }
}

Result<void> call_adapter_helper(void* env, wasm::Caller& caller, std::span<RawValue> cells) {
  return run_adapter_helper(caller.data<ComponentInstance>(),
                            *static_cast<const AdapterHelperImport*>(env), cells);
}

}  // namespace spindle::component
