#pragma once

// The index spaces of a component, each with its own strong index type.
//
// A component has five spaces of its own (functions, values, types, components, instances) and
// eight for core definitions. Definitions append to them in binary order; SortIndex names an item
// of any space where the binary carries the sort beside the index.

#include <cstdint>
#include <string_view>

#include "base/strong_id.h"

namespace spindle::component {

using CoreFuncIndex = StrongId<struct CoreFuncIndexTag>;
using CoreTableIndex = StrongId<struct CoreTableIndexTag>;
using CoreMemoryIndex = StrongId<struct CoreMemoryIndexTag>;
using CoreGlobalIndex = StrongId<struct CoreGlobalIndexTag>;
using CoreTagIndex = StrongId<struct CoreTagIndexTag>;
using CoreTypeIndex = StrongId<struct CoreTypeIndexTag>;
using CoreModuleIndex = StrongId<struct CoreModuleIndexTag>;
using CoreInstanceIndex = StrongId<struct CoreInstanceIndexTag>;
using ComponentFuncIndex = StrongId<struct ComponentFuncIndexTag>;
using ValueIndex = StrongId<struct ValueIndexTag>;
using TypeIndex = StrongId<struct TypeIndexTag>;
using ComponentIndex = StrongId<struct ComponentIndexTag>;
using InstanceIndex = StrongId<struct InstanceIndexTag>;

enum class Sort : uint8_t {
  CoreFunc,
  CoreTable,
  CoreMemory,
  CoreGlobal,
  CoreTag,
  CoreType,
  CoreModule,
  CoreInstance,
  Func,
  Value,
  Type,
  Component,
  Instance,
};
inline constexpr size_t kSortCount = static_cast<size_t>(Sort::Instance) + 1;

// As messages call it: "core function", "instance".
std::string_view to_string(Sort sort);

struct SortIndex {
  Sort sort = Sort::Func;
  uint32_t index = 0;
  friend bool operator==(const SortIndex&, const SortIndex&) = default;
};

}  // namespace spindle::component
