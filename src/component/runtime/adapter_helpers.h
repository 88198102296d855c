#pragma once

// The host's part of adapter modules (fuse/adapter_module.h): the helpers that generated code
// calls for what is better done here, and for traps, whose words are those of the host path.

#include <memory>
#include <span>

#include "component/fuse/adapter_module.h"
#include "component/runtime/instance.h"
#include "wasm/host_function.h"

namespace spindle::component {

Result<void> run_adapter_helper(ComponentInstance& instance, const AdapterHelperImport& helper,
                                std::span<wasm::RawValue> cells);

// The host function that a store whose data is a ComponentInstance defines for the helper, which
// outlives it.
std::unique_ptr<wasm::HostFunction> adapter_helper_function(const AdapterHelperImport& helper);

// The core type of a function of a plan.
wasm::FunctionType core_function_type(const PlannedSignature& signature);

}  // namespace spindle::component
