#pragma once

// CoreArena: core types as validation compares them.
//
// Rec groups are interned, so two function types are the same type exactly when their CoreTypeIds
// are equal, wherever they were defined. Types of imports and exports are kept as CoreExternType
// with canonical ids in place of indices.

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "component/binary/core_module.h"
#include "component/binary/core_types.h"

namespace spindle::component {

using CoreTypeId = StrongId<struct CoreTypeIdTag>;
using ModuleTypeId = StrongId<struct ModuleTypeIdTag>;

// Stands for module types in the space of core types.
inline constexpr CoreTypeId kNotACoreType{UINT32_MAX};

// What a core instance or module offers.
using CoreExports = std::unordered_map<std::string_view, CoreExternType>;

struct ModuleType {
  std::vector<CoreImportDecl> imports;
  CoreExports exports;
};

class CoreArena {
 public:
  // Appends the canonical ids of the group's types to `space`, which its indices refer to. Fails
  // where a type does not fit the type that it extends.
  Result<void> intern(const CoreRecGroup& group, std::vector<CoreTypeId>& space);
  CoreTypeId intern_function(const CoreFuncType& type);
  const CoreSubType& operator[](CoreTypeId id) const { return types_[id.value]; }
  const CoreFuncType* find_function(CoreTypeId id) const {
    return std::get_if<CoreFuncType>(&types_[id.value].composite);
  }

  // Replaces the indices in `type` by canonical ids.
  Result<CoreExternType> resolve(const CoreExternType& type, const std::vector<CoreTypeId>& space);

  Result<ModuleTypeId> add_module(const CoreModuleInterface& module);
  ModuleTypeId add_module_type(ModuleType type);
  const ModuleType& module(ModuleTypeId id) const { return modules_[id.value]; }
  const CoreExports* add_exports(CoreExports exports);

  // Whether something of type `actual` may stand where `expected` is wanted.
  Result<void> match(const CoreExternType& actual, const CoreExternType& expected) const;
  Result<void> match_module(ModuleTypeId actual, ModuleTypeId expected) const;

 private:
  Result<uint32_t> resolve_index(uint32_t index, const std::vector<CoreTypeId>& space) const;
  Result<void> resolve_value(CoreValueType& type, const std::vector<CoreTypeId>& space) const;
  // core_subtype.cpp
  Result<void> check_supertypes(uint32_t first) const;
  Result<void> check_supertype(CoreTypeId type) const;
  bool fits(const CoreSubType& type, const CoreSubType& super) const;
  bool fits(const CoreFieldType& field, const CoreFieldType& super) const;
  bool is_heap_subtype(const CoreValueType& actual, const CoreValueType& expected) const;
  CoreHeapKind abstract_heap(const CoreValueType& type) const;
  bool is_subtype(CoreTypeId actual, CoreTypeId expected) const;
  bool is_value_subtype(const CoreValueType& actual, const CoreValueType& expected) const;

  std::deque<CoreSubType> types_;
  std::unordered_map<std::string, uint32_t> groups_;
  std::deque<ModuleType> modules_;
  std::deque<CoreExports> exports_;
};

Result<void> add_core_export(CoreExports& exports, std::string_view name,
                             const CoreExternType& type);
std::string_view core_kind_name(const CoreExternType& type);

}  // namespace spindle::component
