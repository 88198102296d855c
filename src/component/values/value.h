#pragma once

// DynamicValue: a component-level value without its type; reading one needs the ValueType beside
// it.
//
//   scalars, char     bits (integers sign- or zero-extended to 64 bits, floats as their pattern)
//   flags             bits, flag i is bit i
//   variants          bits is the case, items holds the payload if the case has one
//   records, lists    items; a list of copyable elements keeps them as raw bytes instead
//   string            bytes in the encoding it was lifted from: transcoding happens once, on
//   lowering own, borrow       bits is the resource's representation
//   stream, future    object; lowering takes it out, so it can be lowered once
//   error-context     object

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "component/values/abi_side.h"
#include "component/values/value_type.h"

namespace spindle::component {

// How a lifted string is encoded. Latin1OrUtf16 strings become Latin1 or TaggedUtf16.
enum class StringForm : uint8_t { Utf8, Utf16, Latin1, TaggedUtf16 };

struct DynamicValue {
  uint64_t bits = 0;
  StringForm form = StringForm::Utf8;
  std::string bytes;
  std::vector<DynamicValue> items;
  std::shared_ptr<PassedObject> object;

  static DynamicValue scalar(uint64_t bits) {
    DynamicValue value;
    value.bits = bits;
    return value;
  }
  static DynamicValue string(std::string utf8) {
    DynamicValue value;
    value.bytes = std::move(utf8);
    return value;
  }

  friend bool operator==(const DynamicValue&, const DynamicValue&) = default;
};

// The string as UTF-8, from whatever form it is in.
std::string to_utf8(const DynamicValue& text);

// The elements of a list one by one, also when it holds them as raw bytes.
std::vector<DynamicValue> list_elements(const DynamicValue& list, const ValueType& list_type);

}  // namespace spindle::component
