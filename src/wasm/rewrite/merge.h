#pragma once

// merge_modules: several core module instances, known before they exist, become one module.
//
// A component names each core instance and each of its imports statically, so the instances can be
// linked once, at load time, instead of for every request:
//
//   instance 0: shim             exports "0" (calls slot 0 of its own table $imports), "$imports"
//   instance 1: main             imports "write" = instance 0 "0", "drop" = host 4
//   instance 2: fixup            imports "$imports" = instance 0, "0" = host 9; fills the table
//
// becomes one module in which main calls host 9 itself. Every index space is concatenated; imports
// that another instance satisfies disappear; host imports that are the same number become one
// import. Each instance keeps memories, tables and globals of its own (a memory is never shared
// unless it was imported). Each appearance of a module is a copy of its code.
//
// The merged module is *equivalent* to instantiating in the order given, running the start function
// of each before the next: where that cannot be promised the result is an error of kind
// NotSupported, and the caller instantiates one by one. Also done, because instantiation time
// depends on it: constants are folded into global initializers and segment offsets; functions that
// nothing reaches are left out, with the host imports only they use; calls through tables that
// nobody can change, and functions that only pass their parameters on, become direct calls.
//
// The bytes may be hostile. An input that is not a well-formed module is InvalidInput; that the
// result is accepted by the engine's validation says that the inputs were valid one by one only
// where the caller has validated each. Memory and time are linear in the input: see MergeLimits.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace spindle::wasm {

// What satisfies an import: an export of another instance (of any position: cycles of functions are
// fine, anything that an initializer reads must come earlier), or host function `number`.
struct InstanceExport {
  uint32_t instance = 0;
  std::string name;
  friend auto operator<=>(const InstanceExport&, const InstanceExport&) = default;
};
struct HostImportNumber {
  uint32_t number = 0;
  friend auto operator<=>(const HostImportNumber&, const HostImportNumber&) = default;
};
using MergeSource = std::variant<InstanceExport, HostImportNumber>;

struct MergeInstance {
  std::span<const uint8_t> module;
  // As many as the module has imports, in their order.
  std::vector<MergeSource> imports;
};

// An item of an instance, or a host function, that the merged module exports as `name`.
struct MergeExport {
  MergeSource item;
  std::string name;
};

struct MergeLimits {
  // Copies of a module's code grow the result beyond its input.
  uint64_t output_bytes = uint64_t{512} << 20;
  uint32_t functions = 1'000'000;
};

struct MergeStatistics {
  uint32_t functions_in = 0;
  uint32_t functions_out = 0;
  uint32_t direct_calls = 0;  // calls through a table made direct, and forwarders left out
  uint32_t folded_globals = 0;
};

struct MergedModule {
  // Imports are functions of module "h" named by the host number in decimal, in ascending order;
  // exports are those asked for. If any instance had a start function, the export "spindle:start"
  // (wasm/start_section.h) runs them in order; there is no start section.
  std::vector<uint8_t> bytes;
  MergeStatistics statistics;
};

inline constexpr std::string_view kMergedHostModule = "h";

Result<MergedModule> merge_modules(std::span<const MergeInstance> instances,
                                   std::span<const MergeExport> exports,
                                   const MergeLimits& limits = {});

}  // namespace spindle::wasm
