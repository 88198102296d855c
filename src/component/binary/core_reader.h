#pragma once

// Reads the pieces of core WebAssembly's binary format that occur inside components and in the
// declarative sections of core modules: value types, rec groups, import and export types.

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "component/binary/core_types.h"
#include "component/binary/item_budget.h"
#include "component/binary/types.h"

namespace spindle::component {

// The number of elements of a vector, which must not be above `limit`. Elements take at least a
// byte each, so the count never exceeds what is left of the input either.
Result<uint32_t> read_count(ByteReader& reader, size_t limit, std::string_view what);
Result<std::string_view> read_name(ByteReader& reader);
// A count and that many elements, each read by `read_element(reader)`.
template <typename F>
auto read_vector(ByteReader& reader, size_t limit, std::string_view what, F read_element)
    -> Result<std::vector<typename std::invoke_result_t<F, ByteReader&>::value_type>> {
  auto count = TRY(read_count(reader, limit, what));
  std::vector<typename std::invoke_result_t<F, ByteReader&>::value_type> elements;
  // Elements are larger than their encoding: grow with what has really been read.
  elements.reserve(std::min<size_t>(count, 64));
  for (uint32_t i = 0; i < count; ++i) {
    auto element = TRY(read_element(reader));
    elements.push_back(std::move(element));
  }
  return elements;
}
// One byte that must be 0 or 1.
Result<bool> read_flag(ByteReader& reader, std::string_view what);
Error unknown_code(const ByteReader& reader, uint8_t code, std::string_view what);

Result<CoreValueType> read_core_value_type(ByteReader& reader);
Result<CoreValueType> read_core_reference_type(ByteReader& reader);
Result<CoreTableType> read_core_table_type(ByteReader& reader);
Result<CoreMemoryType> read_core_memory_type(ByteReader& reader);
Result<CoreGlobalType> read_core_global_type(ByteReader& reader);
Result<CoreTagUse> read_core_tag_type(ByteReader& reader);
Result<CoreRecGroup> read_core_rec_group(ByteReader& reader);
Result<CoreExternType> read_core_extern_type(ByteReader& reader);
// An entry of a component's core type section, or a declarator.
Result<CoreTypeDef> read_core_type_def(ByteReader& reader, ItemBudget& budget);

}  // namespace spindle::component
