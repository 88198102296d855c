#pragma once

// ByteWriter: bytes of the WebAssembly binary formats, appended to a vector it owns.
//
//   ByteWriter body;
//   body.u8(0x20);
//   body.leb_u32(index);
//   section.sized(body);        // its length, then its bytes
//
// The counterpart of ByteReader. What is written is trusted: nothing here fails.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace spindle {

class ByteWriter {
 public:
  void u8(uint8_t value) { bytes_.push_back(value); }
  void leb_u32(uint32_t value) { leb_u64(value); }
  void leb_u64(uint64_t value);
  void leb_s32(int32_t value) { leb_s64(value); }
  // Also for the 33-bit numbers of block and heap types.
  void leb_s64(int64_t value);
  // In five bytes, whatever the value, so that patch_leb_u32() can change it: the length of
  // something that is not written yet.
  void leb_u32_padded(uint32_t value);
  void patch_leb_u32(size_t position, uint32_t value);
  void u32_fixed(uint32_t value);
  void u64_fixed(uint64_t value);
  void bytes(std::span<const uint8_t> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void bytes(const ByteWriter& other) { bytes(other.view()); }
  // A name, or any text: its length, then its bytes.
  void name(std::string_view text);
  // The length of `content`, then its bytes: sections, function bodies.
  void sized(std::span<const uint8_t> content);
  void sized(const ByteWriter& content) { sized(content.view()); }
  void section(uint8_t id, const ByteWriter& content) {
    u8(id);
    sized(content);
  }

  void reserve(size_t size) { bytes_.reserve(size); }
  // Keeps what it has allocated.
  void clear() { bytes_.clear(); }
  size_t size() const { return bytes_.size(); }
  std::span<const uint8_t> view() const { return bytes_; }
  std::vector<uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace spindle
