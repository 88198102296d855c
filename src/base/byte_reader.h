#pragma once

// ByteReader: a cursor over bytes that nobody has checked yet. Every read either succeeds or
// returns an InvalidInput error that carries the offset in the whole input; nothing is read out of
// bounds.
//
// A reader of a part keeps the offsets of the whole: `take(n)` returns the next n bytes as a reader
// whose offset() goes on counting from here.

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace spindle {

class ByteReader {
 public:
  ByteReader() = default;
  explicit ByteReader(std::span<const uint8_t> bytes, uint64_t base_offset = 0)
      : bytes_(bytes), base_(base_offset) {}

  uint64_t offset() const { return base_ + position_; }
  size_t remaining() const { return bytes_.size() - position_; }
  bool at_end() const { return position_ == bytes_.size(); }
  std::span<const uint8_t> rest() const { return bytes_.subspan(position_); }

  Result<uint8_t> u8();
  Result<uint8_t> peek() const;
  Result<uint16_t> u16_le();
  Result<uint32_t> u32_le();
  Result<uint64_t> u64_le();
  // LEB128, at most as many bytes as the width needs, unused bits must be a sign or zero extension.
  Result<uint32_t> leb_u32();
  Result<uint64_t> leb_u64();
  Result<int32_t> leb_s32();
  Result<int64_t> leb_s64();
  Result<int64_t> leb_s33();

  Result<std::span<const uint8_t>> bytes(size_t count);
  Result<ByteReader> take(size_t count);
  // A LEB length, then that many bytes of valid UTF-8. `limit` is in bytes.
  Result<std::string_view> name(size_t limit);

  Error error(std::string message) const {
    return Error::invalid_input(std::move(message)).with_offset(offset());
  }

 private:
  Result<uint64_t> leb_unsigned(unsigned bits);
  Result<int64_t> leb_signed(unsigned bits);

  std::span<const uint8_t> bytes_;
  uint64_t base_ = 0;
  size_t position_ = 0;
};

}  // namespace spindle
