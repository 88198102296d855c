#pragma once

// Cursor: reads code, fast. A read past the end, or of a malformed number, yields zero and leaves
// the cursor failed, at the end: whoever loops asks ok() once at the end of the loop instead of
// after every read. Everything else is read with ByteReader, which says what was wrong.

#include <cstddef>
#include <cstdint>
#include <span>

namespace spindle::wasm::rewrite {

class Cursor {
 public:
  explicit Cursor(std::span<const uint8_t> bytes)
      : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()) {}

  bool ok() const { return !failed_; }
  bool at_end() const { return at_ == end_; }
  uint32_t position() const { return static_cast<uint32_t>(at_ - begin_); }
  size_t remaining() const { return static_cast<size_t>(end_ - at_); }

  uint8_t peek() {
    if (at_ == end_) [[unlikely]]
      return fail();
    return *at_;
  }
  uint8_t u8() {
    if (at_ == end_) [[unlikely]]
      return fail();
    return *at_++;
  }
  void skip(size_t count) {
    if (count > remaining()) [[unlikely]] {
      fail();
    } else {
      at_ += count;
    }
  }
  uint32_t leb_u32() {
    if (at_ != end_ && *at_ < 0x80) [[likely]]
      return *at_++;
    return static_cast<uint32_t>(long_leb(5));
  }
  // A number of at most `bytes` bytes whose value does not matter.
  void skip_leb(unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) {
      if ((u8() & 0x80) == 0) return;
    }
    fail();
  }
  int64_t leb_signed(unsigned bytes) {
    uint64_t value = 0;
    unsigned shift = 0;
    for (unsigned i = 0; i < bytes; ++i) {
      uint8_t byte = u8();
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      shift += 7;
      if ((byte & 0x80) != 0) continue;
      if (shift < 64 && (byte & 0x40) != 0) value |= ~uint64_t{0} << shift;
      return static_cast<int64_t>(value);
    }
    fail();
    return 0;
  }

  uint8_t fail() {
    failed_ = true;
    at_ = end_;
    return 0;
  }

 private:
  uint64_t long_leb(unsigned bytes) {
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) {
      uint8_t byte = u8();
      value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
      if ((byte & 0x80) == 0) return value;
    }
    return fail();
  }

  const uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
  bool failed_ = false;
};

}  // namespace spindle::wasm::rewrite
