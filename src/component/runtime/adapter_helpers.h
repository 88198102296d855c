#pragma once

// The host's part of adapter modules (fuse/adapter_module.h): the helpers that generated code
// calls for what is better done here, and for traps, whose words are those of the host path.

#include <memory>
#include <span>
#include <vector>

#include "component/fuse/adapter_module.h"
#include "component/host/handle_table.h"
#include "wasm/host_function.h"

namespace spindle::component {

class ComponentInstance;

// Scopes of the calls that are inside adapters, by number. Calls end in the opposite order of their
// beginnings.
class AdapterScopes {
 public:
  uint32_t open();
  CallScope& at(uint32_t scope) { return *scopes_[scope]; }
  // The call's lends end.
  void close(uint32_t scope);

 private:
  // Those beyond the open ones wait to be used again.
  std::vector<std::unique_ptr<CallScope>> scopes_;
  uint32_t open_ = 0;
};

Result<void> run_adapter_helper(ComponentInstance& instance, const AdapterHelperImport& helper,
                                std::span<wasm::RawValue> cells);

// The callback of a host function whose environment is an AdapterHelperImport.
Result<void> call_adapter_helper(void* env, wasm::Caller& caller, std::span<wasm::RawValue> cells);

}  // namespace spindle::component
