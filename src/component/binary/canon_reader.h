#pragma once

// Reads one canonical definition: an opcode, its immediates, its options.

#include "base/byte_reader.h"
#include "base/result.h"
#include "component/binary/component.h"

namespace spindle::component {

Result<CanonDef> read_canon(ByteReader& reader);

}  // namespace spindle::component
