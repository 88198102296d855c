#pragma once

// prune_module: a module with only the exports that somebody wants, and what they need.
//
// Functions, tables, memories, globals, tags and segments that nothing reaches are left out, and
// imports that only they use; the imports that stay keep their names and order. What is kept works
// as before: segments that may trap stay, a start function stays, constants are folded.
//
//   auto small = TRY(prune_module(adapter, std::array<std::string_view, 2>{"fd_write", "memory"}));
//
// Exports that the module does not have are an error. Custom sections but function names go.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spindle::wasm {

Result<std::vector<uint8_t>> prune_module(std::span<const uint8_t> bytes,
                                          std::span<const std::string_view> kept_exports);

}  // namespace spindle::wasm
