#pragma once

// The bytes of a component as the decoder wants them. WebAssembly text is translated; a core module
// becomes a component, with WASI preview 1 through an adapter (assemble/componentize). Errors say
// what the file is instead.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace spindle::runtime {

// No component seen is a fifth of this.
inline constexpr uint64_t kComponentBytesMax = uint64_t{256} << 20;

Result<std::vector<uint8_t>> read_component(const std::string& path);

}  // namespace spindle::runtime
