#include "base/byte_writer.h"

namespace spindle {

void ByteWriter::leb_u64(uint64_t value) {
  while (value >= 0x80) {
    u8(static_cast<uint8_t>(value | 0x80));
    value >>= 7;
  }
  u8(static_cast<uint8_t>(value));
}

void ByteWriter::leb_s64(int64_t value) {
  for (;;) {
    const auto low = static_cast<uint8_t>(value & 0x7f);
    value >>= 7;
    const bool is_sign = (low & 0x40) != 0;
    if ((value == 0 && !is_sign) || (value == -1 && is_sign)) {
      u8(low);
      return;
    }
    u8(low | 0x80);
  }
}

void ByteWriter::leb_u32_padded(uint32_t value) {
  size_t position = bytes_.size();
  bytes_.resize(position + 5);
  patch_leb_u32(position, value);
}

void ByteWriter::patch_leb_u32(size_t position, uint32_t value) {
  for (size_t i = 0; i < 5; ++i, value >>= 7) {
    bytes_[position + i] = static_cast<uint8_t>((value & 0x7f) | (i < 4 ? 0x80 : 0));
  }
}

void ByteWriter::u32_fixed(uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) u8(static_cast<uint8_t>(value >> shift));
}

void ByteWriter::u64_fixed(uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) u8(static_cast<uint8_t>(value >> shift));
}

void ByteWriter::name(std::string_view text) {
  leb_u64(text.size());
  bytes_.insert(bytes_.end(), text.begin(), text.end());
}

void ByteWriter::sized(std::span<const uint8_t> content) {
  leb_u64(content.size());
  bytes(content);
}

}  // namespace spindle
