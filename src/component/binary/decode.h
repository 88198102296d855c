#pragma once

// decode_component: bytes of a component binary in, a Component out.
//
//   auto component = TRY(decode_component(SharedBytes::borrow(bytes)));
//   TRY(validate(component));
//
// Decoding checks the format only: the preamble, exact section lengths, known codes, UTF-8, the
// limits of binary/limits.h. Every index is still unchecked; validate() checks them, so nobody
// interprets a component that was not validated. Errors carry the offset in the outermost binary.
// Values and start definitions are refused with NotSupported.

#include "base/result.h"
#include "component/binary/component.h"

namespace spindle::component {

Result<Component> decode_component(SharedBytes bytes);

// What the first eight bytes say.
enum class BinaryKind : uint8_t { CoreModule, Component };
Result<BinaryKind> detect_binary_kind(std::span<const uint8_t> bytes);

}  // namespace spindle::component
