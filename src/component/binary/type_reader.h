#pragma once

// Reads component-level types, names and aliases: what occurs both in the sections of a component
// and in the declarators of component and instance types.

#include "base/byte_reader.h"
#include "base/result.h"
#include "component/binary/item_budget.h"
#include "component/binary/types.h"

namespace spindle::component {

Result<Sort> read_sort(ByteReader& reader);
Result<SortIndex> read_sort_index(ByteReader& reader);
Result<ValueTypeUse> read_value_type_use(ByteReader& reader);
Result<std::optional<ValueTypeUse>> read_optional_value_type(ByteReader& reader);
// The result of a function: a type, or nothing.
Result<std::optional<ValueTypeUse>> read_result_list(ByteReader& reader);
Result<ExternName> read_extern_name(ByteReader& reader);
Result<ExternDesc> read_extern_desc(ByteReader& reader);
Result<ImportDef> read_import(ByteReader& reader);
Result<AliasDef> read_alias(ByteReader& reader);
Result<TypeDef> read_type_def(ByteReader& reader, ItemBudget& budget);

// Values are decoded as far as their sort, and refused.
Error values_not_supported(uint64_t offset);

}  // namespace spindle::component
