#pragma once

// Writes component-level types, names and aliases: the inverse of type_reader.h. What is written is
// trusted, so nothing here fails.

#include "base/byte_writer.h"
#include "component/binary/types.h"

namespace spindle::component {

void write_sort(ByteWriter& writer, Sort sort);
void write_sort_index(ByteWriter& writer, SortIndex item);
void write_value_type_use(ByteWriter& writer, const ValueTypeUse& type);
// The result of a function: a type, or nothing.
void write_result_list(ByteWriter& writer, const std::optional<ValueTypeUse>& result);
void write_extern_name(ByteWriter& writer, const ExternName& name);
void write_extern_desc(ByteWriter& writer, const ExternDesc& desc);
void write_import(ByteWriter& writer, const ImportDef& import);
void write_alias(ByteWriter& writer, const AliasDef& alias);
void write_type_def(ByteWriter& writer, const TypeDef& def);

}  // namespace spindle::component
