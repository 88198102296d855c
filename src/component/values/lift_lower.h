#pragma once

// Lift and lower: the canonical ABI's rules for any type, driven by the type at run time. Calls
// between guests, late bindings and the script runner use this; calls of host functions have typed
// code. Both sides' rules are those of the specification, in its order, with its traps.
//
// Flat values are bit patterns zero-extended to 64 bits: joining and splitting the flat types of a
// variant's cases is then taking the low bits.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "component/values/abi_side.h"
#include "component/values/value.h"
#include "component/values/value_type.h"

namespace spindle::component {

// A cursor over flat values.
class FlatReader {
 public:
  explicit FlatReader(std::span<const uint64_t> values) : values_(values) {}
  uint64_t next() { return position_ < values_.size() ? values_[position_++] : 0; }
  size_t position() const { return position_; }
  void seek(size_t position) { position_ = position; }

 private:
  std::span<const uint64_t> values_;
  size_t position_ = 0;
};

Result<DynamicValue> lift_flat(AbiSide& side, const ValueType& type, FlatReader& flat);
// Checks alignment and bounds of the whole value first.
Result<DynamicValue> lift_memory(AbiSide& side, const ValueType& type, uint32_t pointer);

Result<void> lower_flat(AbiSide& side, const ValueType& type, const DynamicValue& value,
                        std::vector<uint64_t>& flat);
Result<void> lower_memory(AbiSide& side, const ValueType& type, const DynamicValue& value,
                          uint32_t pointer);

// A call passes more data than its allowance.
Error out_of_fuel();

// A string in memory: its pointer and its length in code units, tagged where the encoding tags.
struct StringRange {
  uint32_t pointer = 0;
  uint32_t length = 0;
};
Result<DynamicValue> lift_string(AbiSide& side, StringRange range);
Result<StringRange> lower_string(AbiSide& side, const DynamicValue& text);

}  // namespace spindle::component
