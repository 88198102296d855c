#pragma once

// Values between guests and PostgreSQL's wire format.
//
// The types of the newest interface, spin:postgres@4.2.0, are this folder's own; older faces are
// mapped onto them. Columns arrive in the server's binary format. A parameter declares the type
// that the guest gave it, except where a guest's type stands for several of the server's (strings,
// JSON, instants): those are left to the server to infer, and sent as text.
//
//   uint32_t  a type's OID, as pg_type numbers them

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bindings/spin/postgres_4/postgres.h"

namespace spindle::host::postgres {

namespace api = bindings::spin::postgres_4::postgres;

// A parameter as the server takes it.
struct WireParameter {
  enum class Format : uint8_t { Text, Binary };
  uint32_t type = 0;  // 0: the server infers it
  Format format = Format::Text;
  std::optional<std::string> bytes;  // nothing: NULL

  bool operator==(const WireParameter&) const = default;
};

// `other` with the name where the type is one of the server's own; with an empty name, to be looked
// up, where somebody defined it.
api::DbDataType data_type_of(uint32_t type);

// One column of one row; an error says what the interface cannot express (a date of infinity).
Result<api::DbValue> decode_value(uint32_t type, std::span<const uint8_t> bytes);

// An error says what is wrong with the guest's value.
Result<WireParameter> encode_parameter(const api::ParameterValueView& value);

}  // namespace spindle::host::postgres
