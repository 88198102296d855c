#pragma once

// Parameters and results of a lifted or lowered function between core cells and Values, by the
// flattening rules: up to 16 parameters flat, else one pointer; one result flat, else a pointer.

#include <optional>
#include <span>

#include "component/plan/plan.h"
#include "component/values/lift_lower.h"
#include "wasm/raw_value.h"

namespace spindle::component {

inline constexpr uint32_t kFlatParamsMax = 16;
inline constexpr uint32_t kFlatResultsMax = 1;

inline bool spills_params(const PlannedLift& lift) {
  return lift.params->flat_count > kFlatParamsMax;
}
inline bool spills_result(const PlannedLift& lift) {
  return lift.type.result != nullptr && lift.type.result->flat_count > kFlatResultsMax;
}
// Core cells that the lifted core function needs.
inline size_t core_param_count(const PlannedLift& lift) {
  return spills_params(lift) ? 1 : lift.params->flat_count;
}

// What the caller passed.
Result<DynamicValue> lift_params(AbiSide& caller, const PlannedLift& lift,
                                 std::span<const wasm::RawValue> cells);
// Into the callee; `cells` receive the core parameters.
Result<void> lower_params(AbiSide& callee, const PlannedLift& lift, const DynamicValue& params,
                          std::span<wasm::RawValue> cells);
// What the callee returned in its cells.
Result<std::optional<DynamicValue>> lift_result(AbiSide& callee, const PlannedLift& lift,
                                                std::span<const wasm::RawValue> cells);
// Into the caller: a cell, or where the pointer points that was its last parameter.
Result<void> lower_result(AbiSide& caller, const PlannedLift& lift, const DynamicValue& result,
                          std::span<wasm::RawValue> cells);

}  // namespace spindle::component
