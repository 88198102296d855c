#include "component/runtime/call_values.h"

#include <array>

namespace spindle::component {
namespace {

using wasm::RawValue;

uint64_t bits_of(const RawValue& cell, FlatType type) {
  const auto bits = static_cast<uint64_t>(cell.i64);
  return type == FlatType::I32 || type == FlatType::F32 ? bits & 0xffffffff : bits;
}

void put(RawValue& cell, uint64_t bits) {
  cell.i64 = static_cast<int64_t>(bits);
}

uint32_t pointer_in(const RawValue& cell) {
  return static_cast<uint32_t>(cell.i32);
}

}  // namespace

Result<DynamicValue> lift_params(AbiSide& caller, const PlannedLift& lift,
                                 std::span<const RawValue> cells, uint32_t flat_max) {
  const ValueType& params = *lift.params;
  if (spills_params(lift, flat_max)) return lift_memory(caller, params, pointer_in(cells[0]));
  std::array<uint64_t, ValueType::kFlatMax> flat{};
  for (size_t i = 0; i < params.flat_count; ++i) flat[i] = bits_of(cells[i], params.flat[i]);
  FlatReader reader(flat);
  return lift_flat(caller, params, reader);
}

Result<void> lower_params(AbiSide& callee, const PlannedLift& lift, const DynamicValue& params,
                          std::span<RawValue> cells) {
  const ValueType& type = *lift.params;
  if (spills_params(lift)) {
    const uint32_t pointer = TRY(callee.allocate({0, 0, type.align, type.size}));
    TRY(lower_memory(callee, type, params, pointer));
    put(cells[0], pointer);
    return {};
  }
  std::vector<uint64_t> flat;
  flat.reserve(type.flat_count);
  TRY(lower_flat(callee, type, params, flat));
  for (size_t i = 0; i < flat.size(); ++i) put(cells[i], flat[i]);
  return {};
}

Result<std::optional<DynamicValue>> lift_result(AbiSide& callee, const PlannedLift& lift,
                                                std::span<const RawValue> cells,
                                                uint32_t flat_max) {
  if (lift.type.result == nullptr) return std::optional<DynamicValue>();
  const ValueType& type = *lift.type.result;
  if (type.flat_count > flat_max) {
    DynamicValue value = TRY(lift_memory(callee, type, pointer_in(cells[0])));
    return std::optional<DynamicValue>(std::move(value));
  }
  std::array<uint64_t, ValueType::kFlatMax> flat{};
  for (size_t i = 0; i < type.flat_count; ++i) flat[i] = bits_of(cells[i], type.flat[i]);
  FlatReader reader(flat);
  DynamicValue value = TRY(lift_flat(callee, type, reader));
  return std::optional<DynamicValue>(std::move(value));
}

Result<void> lower_result_at(AbiSide& caller, const PlannedLift& lift, const DynamicValue& result,
                             uint32_t pointer) {
  return lower_memory(caller, *lift.type.result, result, pointer);
}

Result<void> lower_result(AbiSide& caller, const PlannedLift& lift, const DynamicValue& result,
                          std::span<RawValue> cells) {
  const ValueType& type = *lift.type.result;
  if (spills_result(lift)) {
    return lower_result_at(caller, lift, result, pointer_in(cells[core_param_count(lift)]));
  }
  std::vector<uint64_t> flat;
  TRY(lower_flat(caller, type, result, flat));
  put(cells[0], flat[0]);
  return {};
}

}  // namespace spindle::component
