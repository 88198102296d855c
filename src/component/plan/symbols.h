#pragma once

// What the planner's index spaces hold while it runs: symbols for instances, functions and types.
// Internal to component/plan.

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "component/binary/component.h"
#include "component/plan/plan.h"

namespace spindle::component::plan_detail {

struct Environment;

struct ComponentClosure {
  const Component* definition = nullptr;
  // Where it was defined: what its outer aliases see.
  const Environment* outer = nullptr;
};

// A component or instance type, evaluated where it is used.
struct TypeClosure {
  const TypeDef* definition = nullptr;
  const Environment* outer = nullptr;
};

struct SymbolicInstance;
using InstanceSymbol = std::shared_ptr<const SymbolicInstance>;
using FunctionSymbol = std::variant<LiftIndex, HostImportIndex>;
using TypeSymbol =
    std::variant<TypeRef, std::shared_ptr<const FunctionType>, ResourceIndex, TypeClosure>;
using Symbol =
    std::variant<FunctionSymbol, TypeSymbol, ComponentClosure, InstanceSymbol, PlannedModuleIndex>;

struct SymbolicInstance {
  std::map<std::string, Symbol, std::less<>> exports;
  // Levels of instances inside.
  uint32_t depth = 0;
};

// The index spaces of a component being instantiated, or of a type being evaluated. Core types are
// left out: nothing at run time depends on them.
struct Environment {
  const Environment* outer = nullptr;
  FrameIndex frame;
  std::vector<CoreItem> core_functions;
  std::vector<CoreItem> core_tables;
  std::vector<CoreItem> core_memories;
  std::vector<CoreItem> core_globals;
  std::vector<CoreItem> core_tags;
  std::vector<PlannedModuleIndex> core_modules;
  std::vector<CoreSource> core_instances;
  std::vector<FunctionSymbol> functions;
  std::vector<TypeSymbol> types;
  std::vector<ComponentClosure> components;
  std::vector<InstanceSymbol> instances;

  // The space of a core sort that a core instance can export.
  std::vector<CoreItem>* core_space(Sort sort) {
    switch (sort) {
      case Sort::CoreFunc: return &core_functions;
      case Sort::CoreTable: return &core_tables;
      case Sort::CoreMemory: return &core_memories;
      case Sort::CoreGlobal: return &core_globals;
      case Sort::CoreTag: return &core_tags;
      default: return nullptr;
    }
  }

  void add(const Symbol& symbol) {
    if (const auto* function = std::get_if<FunctionSymbol>(&symbol)) functions.push_back(*function);
    if (const auto* type = std::get_if<TypeSymbol>(&symbol)) types.push_back(*type);
    if (const auto* component = std::get_if<ComponentClosure>(&symbol)) {
      components.push_back(*component);
    }
    if (const auto* instance = std::get_if<InstanceSymbol>(&symbol)) instances.push_back(*instance);
    if (const auto* module = std::get_if<PlannedModuleIndex>(&symbol)) {
      core_modules.push_back(*module);
    }
  }
};

}  // namespace spindle::component::plan_detail
