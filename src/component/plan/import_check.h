#pragma once

// Binds the imports of a plan to what a HostRegistry offers, comparing types, and writes the
// canonical text of a plan's types.

#include <string>

#include "base/result.h"
#include "component/plan/host_registry.h"
#include "component/plan/plan.h"

namespace spindle::component {

// Sets HostImport::binding. A host function whose type leaves out all parameter names accepts any.
// What is missing or has another type is one error that lists all of it,
// with the nearest version that is offered, unless the registry lets such imports trap.
Result<void> resolve_imports(InstantiationPlan& plan, const HostRegistry& registry);

// `func(self:borrow<wasi:io/streams@0.2.output-stream>,len:u64)->result<_,...>`, the text that host
// functions give for their types (wit/type_text.h). An error where it would be unreasonably long.
enum class ParamNames : uint8_t { Written, LeftOut };
Result<std::string> type_text(const InstantiationPlan& plan, const FunctionType& type,
                              ParamNames names = ParamNames::Written);

}  // namespace spindle::component
