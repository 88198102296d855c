#pragma once

// UnfusedCode: a plan compiled module by module, to be instantiated step by step: for plans that
// cannot be fused, and as the oracle for those that can.
//
// Core modules that import nothing but trampolines are pre-linked; the others are instantiated with
// the exports of their siblings, found by name.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "component/plan/plan.h"
#include "component/runtime/trampolines.h"
#include "wasm/code_cache.h"
#include "wasm/linker.h"
#include "wasm/module.h"

namespace spindle::component {

// A core module to instantiate.
struct UnfusedStep {
  std::optional<wasm::InstancePre> pre;
  const wasm::Module* module = nullptr;
  // In the order of the module's imports.
  std::vector<CoreItem> imports;
  std::optional<std::string> start;
};

class UnfusedCode {
 public:
  // `code`, one per trampoline, outlives the result.
  static Result<std::unique_ptr<const UnfusedCode>> create(
      std::shared_ptr<const wasm::Engine> engine, const InstantiationPlan& plan,
      std::span<const std::span<const uint8_t>> modules, std::span<const TrampolineCode> code,
      wasm::CodeCache* cache);

  std::span<const UnfusedStep> steps() const { return steps_; }
  const wasm::HostFunction& trampoline(TrampolineIndex index) const {
    return *functions_[index.value];
  }
  // The glue module, and what it imports after suspend: start and finish of each of its functions.
  const wasm::Module& glue() const { return *glue_; }
  std::span<const std::unique_ptr<wasm::HostFunction>> glue_functions() const {
    return glue_functions_;
  }
  bool has_start() const;

 private:
  UnfusedCode() = default;
  Result<void> make_glue(const std::shared_ptr<const wasm::Engine>& engine,
                         std::span<const TrampolineCode> code);
  Result<void> make_steps(const InstantiationPlan& plan, std::span<const TrampolineCode> code);
  Result<wasm::InstancePre> prelink(const wasm::Module& module, std::span<const CoreItem> imports);

  std::vector<wasm::Module> modules_;
  std::vector<UnfusedStep> steps_;
  std::vector<std::unique_ptr<wasm::HostFunction>> functions_;  // per trampoline
  std::optional<wasm::Module> glue_;
  std::vector<std::unique_ptr<wasm::HostFunction>> glue_functions_;
};

}  // namespace spindle::component
