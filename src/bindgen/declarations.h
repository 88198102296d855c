#pragma once

// Declarations of types that are the same in bindings of hosts and of guests.

#include <string>
#include <string_view>

#include "wit/model.h"

namespace spindle::bindgen {

// The type of a value; empty for an error-context, which has none.
std::string_view primitive_name(wit::Primitive primitive);

// `bool operator==(const NAME&) const = default;` and the end of the line.
std::string equality(std::string_view name, std::string_view indent);

// `enum class`, of the size that the canonical ABI gives its discriminant.
std::string enum_declaration(const wit::TypeDef& type, const wit::Enum& enumeration);
// A struct with a bool for each flag.
std::string flags_declaration(const wit::TypeDef& type, const wit::Flags& flags);

}  // namespace spindle::bindgen
