#pragma once

// FusedCode: the compiled and pre-linked form of a fused plan (fuse/fuse.h), shared by all
// instances.
//
// What an instance needs from it at run time is by name: exports for the plan's slots, found when
// first used, and the flags that some frames share with wasm.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "component/fuse/fuse.h"
#include "component/plan/plan.h"
#include "wasm/code_cache.h"
#include "wasm/host_function.h"
#include "wasm/linker.h"
#include "wasm/module.h"

namespace spindle::component {

struct TrampolineCode;

struct FuseRequest {
  const InstantiationPlan& plan;
  // Of each planned module, those of the host included.
  std::span<const std::span<const uint8_t>> modules;
  // What the result is cached by, beside the bytes of the host's modules.
  std::span<const uint8_t> component;
  // Per trampoline; the environments of host functions.
  std::span<const TrampolineCode> code;
};

// A host function that a group is told by its number.
struct HostEntry {
  wasm::HostCallback callback = nullptr;
  void* env = nullptr;
};
// The environment of a group.
struct GroupCode {
  std::span<const HostEntry> entries;
  size_t params = 0;
  size_t results = 0;
};

class FusedCode {
 public:
  // NotSupported where the plan has to be instantiated module by module. `request.code` outlives
  // the result.
  static Result<std::unique_ptr<const FusedCode>> create(std::shared_ptr<const wasm::Engine> engine,
                                                         const FuseRequest& request,
                                                         wasm::CodeCache* cache);

  const wasm::InstancePre& pre() const { return *pre_; }
  std::optional<std::string_view> start() const { return pre_->module().start_export(); }
  const std::string& function_name(FunctionSlot slot) const { return functions_[slot.value]; }
  const std::string& memory_name(MemorySlot slot) const { return memories_[slot.value]; }
  // Frames whose flags wasm shares, and the names of those.
  const std::map<FrameIndex, std::string>& flags() const { return layout_.adapter().flags; }

 private:
  FusedCode() = default;
  Result<wasm::Module> compile(std::shared_ptr<const wasm::Engine> engine,
                               const FuseRequest& request, wasm::CodeCache* cache) const;
  Result<void> link(const wasm::Module& module, std::span<const TrampolineCode> code);
  Result<std::unique_ptr<wasm::HostFunction>> host_function(const wasm::ImportType& import);

  FusedLayout layout_;
  std::vector<HostEntry> entries_;  // by number
  // Environments of helpers of the adapters.
  std::vector<std::unique_ptr<AdapterHelperImport>> helpers_;
  std::vector<std::unique_ptr<GroupCode>> groups_;
  std::vector<std::unique_ptr<wasm::HostFunction>> hosts_;
  std::optional<wasm::InstancePre> pre_;
  std::vector<std::string> functions_;
  std::vector<std::string> memories_;
};

}  // namespace spindle::component
