#pragma once

// The bytes of a component as the decoder wants them: binary, a component and not a core module.
// WebAssembly text is translated. Errors say what the file is instead, and what to do.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace spindle::runtime {

// No component seen is a fifth of this.
inline constexpr uint64_t kComponentBytesMax = uint64_t{256} << 20;

Result<std::vector<uint8_t>> read_component(const std::string& path);

}  // namespace spindle::runtime
