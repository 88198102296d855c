#include "link/late_call.h"

#include "component/plan/plan.h"
#include "component/runtime/call_values.h"
#include "link/handles.h"
#include "link/late_interface.h"

namespace spindle::link {
namespace {

using component::DynamicValue;
using component::HostCall;
using component::HostImport;
using component::PendingCall;
using component::PlannedLift;
using component::TypeRef;
using wasm::RawValue;

// The types of an import in the form that lifting and lowering of whole calls takes.
PlannedLift types_of(const HostImport& import) {
  PlannedLift types;
  types.params = import.params;
  types.type.result = import.type.result;
  return types;
}

Result<void> begin(HostCall& call, std::span<const RawValue> args, LateCall& late) {
  late.import = static_cast<SessionImport*>(call.implementation());
  const HostImport& import = call.import();
  const auto& imports = late.import->importer().plan().host_imports;
  late.function = static_cast<size_t>(&import - imports.data());
  VERIFY(late.function < imports.size());
  late.params = TRY(lift_params(call, types_of(import), args));
  if (import.params->has_handles) {
    late.owner = TRY(give_handles(call.resources(), *import.params, late.params));
  }
  call.pending().keep(call);
  return {};
}

Result<bool> start(HostCall& call, std::span<const RawValue> args) {
  PendingCall& slot = call.pending();
  Result<void> begun = begin(call, args, slot.emplace<LateCall>());
  if (begun) return true;
  slot.reset();
  return begun.take_error();
}

Result<void> end(HostCall& call, std::span<RawValue> values, LateCall& late) {
  VERIFY(late.outcome.has_value());
  std::optional<DynamicValue> result = TRY(std::move(*late.outcome));
  if (!result) return {};
  const auto lift = late.callee->linked->match.functions[late.function];
  const TypeRef type =
      late.callee->linked->candidate.prepared->plan().lifts[lift->value].type.result;
  if (type->has_handles) TRY(adopt_handles(call.resources(), *late.callee, *type, *result));
  return lower_result(call, types_of(call.import()), *result, values);
}

Result<void> finish(HostCall& call, std::span<RawValue> values) {
  PendingCall& slot = call.pending();
  Result<void> done = end(call, values, slot.get<LateCall>());
  slot.reset();
  return done;
}

}  // namespace

const component::HostFunction kLateFunction{
    .name = "", .type = "", .core = {}, .start = &start, .finish = &finish};

LateInterface::LateInterface(std::string name)
    : name_(std::move(name)), interface_{name_, {}, {}, &kLateFunction} {}

}  // namespace spindle::link
