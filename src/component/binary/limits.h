#pragma once

// How much of everything a component binary may hold. The numbers follow what other tools enforce,
// so that a component that they accept is accepted here too; none of them is near what real
// components need. Counts are by component unless said otherwise.

#include <cstddef>
#include <cstdint>

namespace spindle::component {

inline constexpr size_t kMaxNameBytes = 100'000;
inline constexpr size_t kMaxComponentDepth = 100;  // components inside components
inline constexpr size_t kMaxTypeDepth = 100;       // types inside types
inline constexpr size_t kMaxCoreModules = 1'000;
inline constexpr size_t kMaxComponents = 1'000;
inline constexpr size_t kMaxInstances = 4'096;  // core and component instances, each
inline constexpr size_t kMaxTypes = 1'000'000;
inline constexpr size_t kMaxFunctions = 1'000'000;
inline constexpr size_t kMaxImports = 1'000'000;
inline constexpr size_t kMaxExports = 1'000'000;
inline constexpr size_t kMaxCoreItems = 1'000'000;  // core functions, tables, memories, ..., each
inline constexpr size_t kMaxInstantiationArgs = 100'000;
inline constexpr size_t kMaxInlineExports = 100'000;
inline constexpr size_t kMaxTypeDeclarators = 1'000'000;
inline constexpr size_t kMaxModuleTypeDeclarators = 100'000;
inline constexpr size_t kMaxFunctionParams = 1'000;
inline constexpr size_t kMaxFields = 10'000;  // of a record, tuple, variant or enum
inline constexpr size_t kMaxFlagLabels = 1'000;
inline constexpr size_t kMaxFlags = 32;  // a rule of the model, not of the format
inline constexpr uint32_t kMaxFixedListLength = 1U << 30;
inline constexpr size_t kMaxCanonOptions = 10;
// The size of a type counts every type that it mentions, as often as it mentions it.
inline constexpr uint32_t kMaxTypeSize = 1'000'000;
// Work done for one component tree: types visited while substituting and comparing, exports copied.
// Larger components may take more, a step for four bytes; real ones need less than 10,000 in all.
inline constexpr uint64_t kMaxValidationSteps = 50'000;
inline constexpr uint64_t kBytesPerValidationStep = 4;

// Core modules.
inline constexpr size_t kMaxCoreFunctionValues = 1'000;  // params, or results
inline constexpr size_t kMaxCoreSupertypes = 5;
inline constexpr size_t kMaxCoreStructFields = 10'000;

}  // namespace spindle::component
