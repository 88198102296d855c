#pragma once

// A core module's start section, turned into an export.
//
// The engine runs a start function while it instantiates, synchronously and unbounded. Without the
// section and with the function exported under a name of ours, it is called like any other:
//
//   (module (func $f ...) (start $f))   ->   (module (func $f ...) (export "spindle:start" (func
//   $f)))
//
// Only the framing of sections is read; everything else is left to the engine's validation. Bytes
// that are no module come back unchanged, for the engine to reject.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace spindle::wasm {

inline constexpr std::string_view kStartExport = "spindle:start";

bool has_start_section(std::span<const uint8_t> bytes);
// The module without its start section, the function exported as `name`, which must be unused.
std::vector<uint8_t> extract_start(std::span<const uint8_t> bytes,
                                   std::string_view name = kStartExport);

}  // namespace spindle::wasm
