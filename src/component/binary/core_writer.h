#pragma once

// Writes the pieces of core WebAssembly's binary format that occur inside components: the inverse
// of core_reader.h. What is written is trusted, so nothing here fails.

#include "base/byte_writer.h"
#include "component/binary/core_types.h"
#include "component/binary/types.h"

namespace spindle::component {

void write_core_value_type(ByteWriter& writer, const CoreValueType& type);
void write_core_rec_group(ByteWriter& writer, const CoreRecGroup& group);
void write_core_extern_type(ByteWriter& writer, const CoreExternType& type);
// An entry of a component's core type section, or a declarator.
void write_core_type_def(ByteWriter& writer, const CoreTypeDef& def);

}  // namespace spindle::component
