#pragma once

// The host's part of adapter modules (fuse/adapter_module.h): the helpers that generated code
// calls for what is better done here, and for traps, whose words are those of the host path.

#include <span>

#include "component/fuse/adapter_module.h"
#include "wasm/host_function.h"

namespace spindle::component {

class ComponentInstance;

Result<void> run_adapter_helper(ComponentInstance& instance, const AdapterHelperImport& helper,
                                std::span<wasm::RawValue> cells);

// The callback of a host function whose environment is an AdapterHelperImport.
Result<void> call_adapter_helper(void* env, wasm::Caller& caller, std::span<wasm::RawValue> cells);

}  // namespace spindle::component
