#pragma once

// RawValue: one parameter or result of a core function, untyped, as the engine's unchecked calls
// pass it. Who reads it knows the type from the function's signature. The layout is that of
// wasmtime_val_raw_t, which this room asserts where it sees that type; values are little-endian,
// so a 32-bit member is the low half of the 64-bit one.

#include <bit>
#include <cstdint>

namespace spindle::wasm {

union alignas(8) RawValue {
  int32_t i32;
  uint32_t u32;
  int64_t i64;
  uint64_t u64;
  float f32;
  double f64;
  uint8_t v128[16];
  void* funcref;

  static RawValue from_i32(int32_t value) { return from_u32(static_cast<uint32_t>(value)); }
  static RawValue from_u32(uint32_t value) { return from_u64(value); }
  static RawValue from_i64(int64_t value) { return from_u64(static_cast<uint64_t>(value)); }
  static RawValue from_u64(uint64_t value) {
    RawValue raw{};
    raw.u64 = value;
    return raw;
  }
  static RawValue from_f32(float value) {
    RawValue raw{};
    raw.f32 = value;
    return raw;
  }
  static RawValue from_f64(double value) {
    RawValue raw{};
    raw.f64 = value;
    return raw;
  }
};

static_assert(sizeof(RawValue) == 16);
static_assert(std::endian::native == std::endian::little);

}  // namespace spindle::wasm
