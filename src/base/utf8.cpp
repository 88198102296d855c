#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace spindle {
namespace {

// Sixteen bytes at a time while there is only ASCII.
size_t skip_ascii(const uint8_t* bytes, size_t position, size_t size) {
  while (size - position >= 16) {
    uint64_t words[2];
    std::memcpy(words, bytes + position, sizeof words);
    if (((words[0] | words[1]) & 0x8080808080808080u) != 0) break;
    position += 16;
  }
  while (position < size && bytes[position] < 0x80) position += 1;
  return position;
}

bool is_continuation(uint8_t byte) {
  return (byte & 0xc0) == 0x80;
}

// The length of the valid multi-byte sequence that starts at `bytes`, or 0.
size_t sequence_length(const uint8_t* bytes, size_t available) {
  uint8_t lead = bytes[0];
  if (lead >= 0xc2 && lead <= 0xdf) {
    return available >= 2 && is_continuation(bytes[1]) ? 2 : 0;
  }
  if (lead >= 0xe0 && lead <= 0xef) {
    if (available < 3 || !is_continuation(bytes[1]) || !is_continuation(bytes[2])) return 0;
    if (lead == 0xe0 && bytes[1] < 0xa0) return 0;   // overlong
    if (lead == 0xed && bytes[1] >= 0xa0) return 0;  // surrogate
    return 3;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (available < 4 || !is_continuation(bytes[1]) || !is_continuation(bytes[2]) ||
        !is_continuation(bytes[3])) {
      return 0;
    }
    if (lead == 0xf0 && bytes[1] < 0x90) return 0;   // overlong
    if (lead == 0xf4 && bytes[1] >= 0x90) return 0;  // above U+10FFFF
    return 4;
  }
  return 0;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  size_t position = 0;
  while ((position = skip_ascii(bytes, position, text.size())) < text.size()) {
    size_t length = sequence_length(bytes + position, text.size() - position);
    if (length == 0) return false;
    position += length;
  }
  return true;
}

}  // namespace spindle
