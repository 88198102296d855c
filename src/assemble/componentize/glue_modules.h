#pragma once

// The small core modules that tie the parts of a component together.
//
// Lowering a function needs the memory of the module that imports it, which exists only once that
// module is instantiated, which needs its imports. The shim breaks the circle: it exports functions
// "0", "1", ... that call through the slots of a table, which it exports too; the fixup fills the
// table when everything is there.

#include <cstdint>
#include <span>
#include <vector>

#include "component/binary/core_types.h"

namespace spindle::assemble {

inline constexpr std::string_view kShimTable = "$imports";

// Exports "0", "1", ... of these types, and their table.
std::vector<uint8_t> shim_module(std::span<const component::CoreFuncType* const> types);

// Imports from "" the same functions and the table, and "init" if asked; fills the table, then
// calls "init".
enum class FixupInit : uint8_t { None, CallInit };
std::vector<uint8_t> fixup_module(std::span<const component::CoreFuncType* const> types,
                                  FixupInit init);
inline constexpr std::string_view kFixupInit = "init";

// Imports "" "memory"; exports "cabi_realloc", which grows the memory for each new allocation and
// traps for any other.
std::vector<uint8_t> realloc_module();

}  // namespace spindle::assemble
