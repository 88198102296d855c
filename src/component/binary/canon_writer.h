#pragma once

// Writes one canonical definition: an opcode, its immediates, its options.

#include "base/byte_writer.h"
#include "component/binary/component.h"

namespace spindle::component {

void write_canon(ByteWriter& writer, const CanonDef& canon);

}  // namespace spindle::component
