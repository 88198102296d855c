#pragma once

// Core types as WebAssembly text: `i32`, `(ref null func)`, `(memory 1 2)`. Indices stay numbers.
// Internal to assemble/print.

#include <string>
#include <string_view>

#include "component/binary/core_types.h"

namespace spindle::assemble {

// In quotes, with escapes for everything but printable ASCII.
std::string quoted(std::string_view text);

std::string core_text(const component::CoreValueType& type);
// `(param i32) (result i64)`, with a space before each, or nothing.
std::string core_signature(const component::CoreFuncType& type);
// Without the parentheses of a type definition: `(func (param i32))`, `(sub final 0 (struct))`.
std::string core_text(const component::CoreSubType& type);
// `(func (type 0))`, `(global (mut i32))`.
std::string core_text(const component::CoreExternType& type);

}  // namespace spindle::assemble
