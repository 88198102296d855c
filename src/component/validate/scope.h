#pragma once

// Scope: the index spaces of one component, component type or instance type while it is being
// validated, with what it has imported, exported and defined so far.

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "component/validate/core_arena.h"
#include "component/validate/type_arena.h"

namespace spindle::component {

enum class ScopeKind : uint8_t { Component, ComponentType, InstanceType };
enum class Direction : uint8_t { Import, Export };

// Imports, or exports, and the names they have taken.
struct ExternNames {
  NamedEntities entities;
  std::unordered_set<std::string> uniqueness_keys;
  // Which resource a node is called by here; functions named after it must use that name.
  std::unordered_map<TypeId, std::string_view> resource_names;
  std::unordered_set<std::string_view> resources;
};

struct Scope {
  explicit Scope(ScopeKind scope_kind) : kind(scope_kind) {}

  ScopeKind kind;

  std::vector<CoreTypeId> core_funcs;
  std::vector<CoreTableType> core_tables;
  std::vector<CoreMemoryType> core_memories;
  std::vector<CoreGlobalType> core_globals;
  std::vector<CoreTypeId> core_tags;
  // kNotACoreType where the index names a module type, which is in module_types then.
  std::vector<CoreTypeId> core_types;
  std::unordered_map<uint32_t, ModuleTypeId> module_types;
  std::vector<ModuleTypeId> core_modules;
  std::vector<const CoreExports*> core_instances;
  std::vector<TypeId> funcs;
  std::vector<TypeId> types;
  std::vector<TypeId> components;
  std::vector<TypeId> instances;

  // Indices of functions and instances that come from outside unchanged.
  std::unordered_set<uint32_t> imported_funcs;
  std::unordered_set<uint32_t> imported_instances;

  ExternNames imports;
  ExternNames exports;
  std::vector<ResourceAt> imported_resources;
  // In order of appearance; the representation is known for those that this component defines.
  std::vector<ResourceId> defined_resources;
  std::unordered_map<ResourceId, std::optional<CoreValueType>> representations;
  std::map<ResourceId, ResourcePath> explicit_paths;
  // Types that imports, and exports, may mention.
  std::unordered_set<TypeId> imported_types;
  std::unordered_set<TypeId> exported_types;
  // All context slots of a component have one type.
  std::optional<CoreValueType> slot_type;
};

}  // namespace spindle::component
