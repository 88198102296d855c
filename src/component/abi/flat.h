#pragma once

// Flat values of typed code: cursors over the raw parameters and results of a core call.
//
// A variant's cases share flat slots: their types are joined, so a float may travel in an i32 or
// i64 slot. Every raw value here is written zero-extended to 64 bits, and reading takes the low
// bits, which is what joining and splitting mean.

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "base/verify.h"
#include "component/values/value_type.h"
#include "wasm/raw_value.h"

namespace spindle::component {

using wasm::RawValue;

inline constexpr size_t kMaxFlatParams = 16;
inline constexpr size_t kMaxAsyncFlatParams = 4;
inline constexpr size_t kMaxFlatResults = 1;

// The types of a core function that a host function has.
struct CoreSignature {
  std::span<const FlatType> params;
  std::span<const FlatType> results;
};

class RawReader {
 public:
  explicit RawReader(std::span<const RawValue> values) : values_(values) {}

  const RawValue& next() {
    VERIFY(position_ < values_.size());
    return values_[position_++];
  }
  uint32_t next_u32() { return static_cast<uint32_t>(next().i32); }
  size_t position() const { return position_; }
  void seek(size_t position) { position_ = position; }

 private:
  std::span<const RawValue> values_;
  size_t position_ = 0;
};

class RawWriter {
 public:
  explicit RawWriter(std::span<RawValue> values) : values_(values) {}

  void put_u64(uint64_t bits) {
    VERIFY(position_ < values_.size());
    values_[position_++].i64 = static_cast<int64_t>(bits);
  }
  void put_u32(uint32_t bits) { put_u64(bits); }
  // Unused slots of a variant are zero.
  void pad_to(size_t position) {
    while (position_ < position) put_u64(0);
  }
  size_t position() const { return position_; }

 private:
  std::span<RawValue> values_;
  size_t position_ = 0;
};

// Any NaN may be passed; the canonical one always is.
template <typename F>
F canonical_float(F value) {
  return std::isnan(value) ? std::numeric_limits<F>::quiet_NaN() : value;
}

}  // namespace spindle::component
