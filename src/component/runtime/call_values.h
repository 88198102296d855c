#pragma once

// Parameters and results of a lifted or lowered function between core cells and Values, by the
// flattening rules: up to 16 parameters flat, else one pointer; one result flat, else a pointer.

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "component/plan/plan.h"
#include "component/values/lift_lower.h"
#include "wasm/raw_value.h"

namespace spindle::component {

inline constexpr uint32_t kFlatParamsMax = 16;
inline constexpr uint32_t kAsyncFlatParamsMax = 4;
inline constexpr uint32_t kFlatResultsMax = 1;

inline bool spills_params(const PlannedLift& lift, uint32_t flat_max = kFlatParamsMax) {
  return lift.params->flat_count > flat_max;
}
inline bool spills_result(const PlannedLift& lift) {
  return lift.type.result != nullptr && lift.type.result->flat_count > kFlatResultsMax;
}
// Core cells that the lifted core function needs.
inline size_t core_param_count(const PlannedLift& lift) {
  return spills_params(lift) ? 1 : lift.params->flat_count;
}

// Core parameters and results of a lifted or lowered function, at most 16 and a pointer.
using CoreCells = std::array<wasm::RawValue, ValueType::kFlatMax + 1>;

// The cells of a call, no more than the lifted core function has.
inline std::span<wasm::RawValue> used_cells(CoreCells& cells, const PlannedLift& lift) {
  const bool has_result = lift.type.result != nullptr || lift.options.callback.has_value();
  return std::span(cells).first(std::max<size_t>(core_param_count(lift), has_result ? 1 : 0));
}

// What the caller passed; an asynchronous lowering has fewer flat parameters.
Result<DynamicValue> lift_params(AbiSide& caller, const PlannedLift& lift,
                                 std::span<const wasm::RawValue> cells,
                                 uint32_t flat_max = kFlatParamsMax);
// Into the callee; `cells` receive the core parameters.
Result<void> lower_params(AbiSide& callee, const PlannedLift& lift, const DynamicValue& params,
                          std::span<wasm::RawValue> cells);
// What the callee returned in its cells: core results, or up to 16 arguments of task.return.
Result<std::optional<DynamicValue>> lift_result(AbiSide& callee, const PlannedLift& lift,
                                                std::span<const wasm::RawValue> cells,
                                                uint32_t flat_max = kFlatResultsMax);
// Into the caller: a cell, or where the pointer points that was its last parameter.
Result<void> lower_result(AbiSide& caller, const PlannedLift& lift, const DynamicValue& result,
                          std::span<wasm::RawValue> cells);
// Into the caller's memory.
Result<void> lower_result_at(AbiSide& caller, const PlannedLift& lift, const DynamicValue& result,
                             uint32_t pointer);

}  // namespace spindle::component
