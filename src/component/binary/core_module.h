#pragma once

// What a core module imports and exports, with types: all that component validation and planning
// need to know of it. Only the declarative sections are read; code, data and element segments are
// skipped, so the cost does not depend on the size of the module. The engine validates the rest.
//
// Type indices in the result index `types`, the flattened type section.

#include <span>
#include <vector>

#include "base/result.h"
#include "component/binary/core_types.h"

namespace spindle::component {

struct CoreModuleInterface {
  std::vector<CoreRecGroup> types;
  std::vector<CoreImportDecl> imports;
  std::vector<CoreExportDecl> exports;
};

// `offset` is where `bytes` begin in the outermost binary, for messages.
Result<CoreModuleInterface> read_core_module(std::span<const uint8_t> bytes, uint64_t offset);

}  // namespace spindle::component
