#pragma once

// What the commands read and write. A path of `-` is standard input; WebAssembly text becomes a
// binary on the way in. Inputs are limited in size.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spindle::cli {

inline constexpr size_t kMaxInputBytes = size_t{512} << 20;

Result<std::vector<uint8_t>> read_bytes(const std::string& path);
// A core module or a component, from binary or text. Only the first bytes are looked at.
Result<std::vector<uint8_t>> read_wasm(const std::string& path);

// To the file, or to standard output. Binaries are not written to a terminal.
Result<void> write_text(const std::optional<std::string>& path, std::string_view text);
Result<void> write_wasm(const std::optional<std::string>& path, std::span<const uint8_t> bytes);

}  // namespace spindle::cli
