#include "http/syntax.h"

#include <algorithm>

namespace spindle::http {

bool all_in_class(std::string_view text, uint8_t byte_class) {
  return std::ranges::all_of(text, [byte_class](char c) {
    return (kByteClasses[static_cast<uint8_t>(c)] & byte_class) != 0;
  });
}

bool is_valid_authority(std::string_view text) {
  if (text.empty()) return false;
  size_t colon = std::string_view::npos;
  for (size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<uint8_t>(text[i]);
    if ((kByteClasses[byte] & kHostByte) == 0) return false;
    // Colons inside brackets belong to an IPv6 address.
    if (byte == ':') colon = i;
    if (byte == ']') colon = std::string_view::npos;
  }
  if (colon == std::string_view::npos) return true;
  uint32_t port = 0;
  for (char c : text.substr(colon + 1)) {
    if (c < '0' || c > '9') return false;
    port = port * 10 + static_cast<uint32_t>(c - '0');
    if (port > 65'535) return false;
  }
  return colon > 0;
}

}  // namespace spindle::http
