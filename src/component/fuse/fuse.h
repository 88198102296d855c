#pragma once

// fuse_plan: all core modules of a plan as one, so that an instance is made in one step.
//
// A plan lists core modules to instantiate one after the other; with today's tools that is three or
// four for a component, fourteen for a Python one. Linked at load time (wasm/rewrite/merge.h) they
// are one module that imports host functions only. Beside the guests' own modules go in:
//
//   glue      start / suspend / finish of host functions that may wait (glue_module.h)
//   adapters  calls between guests as wasm (adapter_module.h)
//   thunks    host functions of one core type behind one import (thunk_module.h)
//
// Names are the interface between the fused module and the runtime, and nothing else has to be kept
// beside its compiled code: imports are functions of module "h", named by their number (a group of
// host functions, or a helper of the adapters), exports are "f<slot>" and "m<slot>" for the plan's
// function and memory slots, "flags<frame>" for frames whose flags wasm shares, and the start
// function.
//
// Fusing is an optimization: a plan that cannot be fused is NotSupported, and is instantiated
// module by module, which has to behave the same.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "component/fuse/adapter_module.h"
#include "component/plan/plan.h"

namespace spindle::component {

// What a host function of the fused module does, and for whom.
struct FusedHost {
  enum class Kind : uint8_t { Trampoline, Start, Finish };
  Kind kind = Kind::Trampoline;
  TrampolineIndex trampoline;
};

// Everything about a fused plan but the module itself. Follows from the plan alone, and is made at
// each load; the module comes from the cache of compiled code most of the time.
class FusedLayout {
 public:
  // `waits` holds a flag per trampoline: it is a host function that may wait.
  static Result<FusedLayout> create(const InstantiationPlan& plan, const std::vector<bool>& waits);

  // The host functions by number, as groups are told them.
  std::span<const FusedHost> hosts() const { return hosts_; }
  // Import `number` of the module: the helper that it is, or nothing where it is a group.
  std::optional<AdapterHelperImport> helper(uint32_t number) const;
  const AdapterModule& adapter() const { return adapter_; }
  // What compiled code depends on beside the bytes of the component and of the host's modules.
  std::string fingerprint() const;

 private:
  friend class Fuser;

  std::vector<FusedHost> hosts_;
  // Trampolines that wait, in the order of the glue module.
  std::vector<TrampolineIndex> glue_;
  std::vector<AdapterHelperImport> helpers_;
  // Where each is in glue_ and helpers_.
  std::map<TrampolineIndex, uint32_t> glue_numbers_;
  std::map<AdapterHelperImport, uint32_t> helper_numbers_;
  AdapterModule adapter_;
};

std::string fused_function(FunctionSlot slot);
std::string fused_memory(MemorySlot slot);

// `modules` are the bytes of the plan's modules, those of the host included.
Result<std::vector<uint8_t>> fuse_plan(const InstantiationPlan& plan, const FusedLayout& layout,
                                       std::span<const std::span<const uint8_t>> modules);

}  // namespace spindle::component
