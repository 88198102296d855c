#pragma once

// What the generated core modules have in common: the preamble, types, imports and exports of
// functions, a few instructions. Internal to component/fuse.

#include <array>
#include <cstdint>
#include <string_view>

#include "base/byte_writer.h"
#include "component/plan/plan.h"

namespace spindle::component {

inline constexpr uint8_t kCall = 0x10;
inline constexpr uint8_t kLocalGet = 0x20;
inline constexpr uint8_t kI32Const = 0x41;
inline constexpr uint8_t kIf = 0x04;
inline constexpr uint8_t kEnd = 0x0b;
inline constexpr uint8_t kNoResult = 0x40;  // a block type

inline void write_preamble(ByteWriter& out) {
  constexpr std::array<uint8_t, 8> kPreamble{0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00};
  out.bytes(kPreamble);
}

inline void write_value_types(ByteWriter& out, std::span<const FlatType> flat) {
  constexpr std::array<uint8_t, 4> kCodes{0x7f, 0x7e, 0x7d, 0x7c};
  out.leb_u64(flat.size());
  for (FlatType type : flat) out.u8(kCodes[static_cast<size_t>(type)]);
}

inline void write_function_type(ByteWriter& out, const PlannedSignature& signature) {
  out.u8(0x60);
  write_value_types(out, signature.params);
  write_value_types(out, signature.results);
}

inline void write_function_import(ByteWriter& out, std::string_view module, std::string_view name,
                                  uint32_t type) {
  out.name(module);
  out.name(name);
  out.u8(0);
  out.leb_u32(type);
}

inline void write_function_export(ByteWriter& out, std::string_view name, uint32_t function) {
  out.name(name);
  out.u8(0);
  out.leb_u32(function);
}

}  // namespace spindle::component
