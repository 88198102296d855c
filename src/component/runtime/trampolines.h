#pragma once

// Trampolines: the host functions behind what the component model defines for core modules.
//
// Each has static plan data as its environment, a TrampolineCode, and finds the instance through
// the store's user data. A host function that may wait is start and finish, joined by glue
// (fuse/glue_module.h).

#include <cstdint>
#include <optional>
#include <span>

#include "component/host/host_interface.h"
#include "component/plan/plan.h"
#include "wasm/host_function.h"

namespace spindle::component {

struct BuiltIn;

// What a trampoline calls, resolved.
struct TrampolineCode {
  const Trampoline* plan = nullptr;
  const HostFunction* host = nullptr;  // of a HostCall; absent where nobody offers it
  uint32_t interface = 0;              // index into PreparedComponent::interfaces()
  const BuiltIn* built_in = nullptr;   // of a BuiltIn; absent where it is not supported
  // Of a function that may wait: its number in the glue module, whose `start` and `finish` follow.
  std::optional<uint32_t> glue;
};

Result<void> call_trampoline(void* env, wasm::Caller& caller, std::span<wasm::RawValue> cells);
Result<void> call_start(void* env, wasm::Caller& caller, std::span<wasm::RawValue> cells);
Result<void> call_finish(void* env, wasm::Caller& caller, std::span<wasm::RawValue> cells);

}  // namespace spindle::component
