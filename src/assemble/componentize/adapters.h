#pragma once

// Adapters: core modules that implement the functions of WASI preview 1 by those of WASI 0.2.
//
// They are made for it: an adapter works on the memory of the main module, has no data of its own,
// and no stack until it is given one. prepare_adapter() gives it one: each exported function first
// allocates a stack from the main module's allocator, once. Exports that nobody asks for, and what
// only they use, are left out, so that the component does not import it.

#include <cstdint>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spindle::assemble {

inline constexpr std::string_view kPreview1 = "wasi_snapshot_preview1";

// For modules with a `_start`: exports wasi:cli/run.
std::span<const uint8_t> command_adapter();
// For modules with exports of their own.
std::span<const uint8_t> reactor_adapter();

// `keep` are the exports that are asked for; the allocators for values that an adapter receives are
// kept too.
Result<std::vector<uint8_t>> prepare_adapter(std::span<const uint8_t> adapter,
                                             const std::set<std::string_view>& keep);

}  // namespace spindle::assemble
