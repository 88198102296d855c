#pragma once

// CoreItems: the types of what a plan takes from core modules, read from their bytes.
//
// Canonical options can ask for more than 32-bit memories and functions over numbers; generated
// code knows no more, so it asks here first. Each module is read once, when first asked about; of
// modules of the host, whose bytes the plan does not have, nothing is known.

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "component/binary/core_module.h"
#include "component/plan/plan.h"

namespace spindle::component {

class CoreItems {
 public:
  explicit CoreItems(const InstantiationPlan& plan) : plan_(plan), modules_(plan.modules.size()) {}

  // The slot holds a function of exactly this type.
  bool is_function(FunctionSlot slot, const PlannedSignature& signature);
  // The slot holds a memory with 32-bit addresses.
  bool is_memory(MemorySlot slot);
  // Exceptions begin with `throw` of a tag; a module without tags can only pass them on.
  bool have_tags();

 private:
  struct Module {
    CoreModuleInterface interface;
    std::vector<const CoreSubType*> types;
    std::unordered_map<std::string_view, const CoreExternType*> exports;
  };
  // Nothing where it cannot be read.
  const Module* module(PlannedModuleIndex index);
  const CoreExternType* find(const CoreExport& item, const Module*& module);

  const InstantiationPlan& plan_;
  // The inner one is null for what cannot be read.
  std::vector<std::optional<std::unique_ptr<const Module>>> modules_;
};

}  // namespace spindle::component
