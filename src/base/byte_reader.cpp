#include "base/byte_reader.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "base/utf8.h"

namespace spindle {

Result<uint8_t> ByteReader::u8() {
  if (at_end()) return error("unexpected end of input, expected a byte");
  return bytes_[position_++];
}

Result<uint8_t> ByteReader::peek() const {
  if (at_end()) return error("unexpected end of input, expected a byte");
  return bytes_[position_];
}

namespace {

template <typename Integer>
Integer load_le(std::span<const uint8_t> bytes) {
  static_assert(std::endian::native == std::endian::little);
  Integer value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

Result<uint16_t> ByteReader::u16_le() {
  return load_le<uint16_t>(TRY(bytes(2)));
}
Result<uint32_t> ByteReader::u32_le() {
  return load_le<uint32_t>(TRY(bytes(4)));
}
Result<uint64_t> ByteReader::u64_le() {
  return load_le<uint64_t>(TRY(bytes(8)));
}

Result<uint64_t> ByteReader::leb_unsigned(unsigned bits) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    auto byte = TRY(u8());
    unsigned left = bits - shift;
    if (left < 7 && (byte & 0x7f) >> left != 0) return error("integer too large");
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return error("integer representation too long");
}

Result<int64_t> ByteReader::leb_signed(unsigned bits) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    auto byte = TRY(u8());
    unsigned left = bits - shift;
    if (left < 7) {
      // The bits beyond the width must all equal the sign bit.
      auto extension = static_cast<uint8_t>((byte & 0x7f) >> (left - 1));
      auto all_ones = static_cast<uint8_t>(0x7f >> (left - 1));
      if (extension != 0 && extension != all_ones) return error("integer too large");
    }
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) != 0) continue;
    if (shift + 7 < 64 && (byte & 0x40) != 0) value |= ~uint64_t{0} << (shift + 7);
    return static_cast<int64_t>(value);
  }
  return error("integer representation too long");
}

Result<uint32_t> ByteReader::leb_u32() {
  return static_cast<uint32_t>(TRY(leb_unsigned(32)));
}
Result<uint64_t> ByteReader::leb_u64() {
  return leb_unsigned(64);
}
Result<int32_t> ByteReader::leb_s32() {
  return static_cast<int32_t>(TRY(leb_signed(32)));
}
Result<int64_t> ByteReader::leb_s64() {
  return leb_signed(64);
}
Result<int64_t> ByteReader::leb_s33() {
  return leb_signed(33);
}

Result<std::span<const uint8_t>> ByteReader::bytes(size_t count) {
  if (count > remaining()) {
    return error(
        fmt::format("unexpected end of input, expected {} bytes, found {}", count, remaining()));
  }
  auto part = bytes_.subspan(position_, count);
  position_ += count;
  return part;
}

Result<ByteReader> ByteReader::take(size_t count) {
  auto start = offset();
  auto part = TRY(bytes(count));
  return ByteReader(part, start);
}

Result<std::string_view> ByteReader::name(size_t limit) {
  auto length = TRY(leb_u32());
  if (length > limit) {
    return Error::limit_exceeded(
               fmt::format("string of {} bytes, at most {} are allowed", length, limit))
        .with_offset(offset());
  }
  auto start = offset();
  auto part = TRY(bytes(length));
  std::string_view text(reinterpret_cast<const char*>(part.data()), part.size());
  if (!is_valid_utf8(text)) {
    return Error::invalid_input("malformed UTF-8 encoding").with_offset(start);
  }
  return text;
}

}  // namespace spindle
