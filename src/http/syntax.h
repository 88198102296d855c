#pragma once

// Which bytes may stand where in a message: tables and checks that requests, responses and both
// sides of a connection share. The grammar is RFC 9110's and RFC 3986's; nothing here is lenient.

#include <array>
#include <cstdint>
#include <string_view>

namespace spindle::http {

// Bits of byte_classes().
inline constexpr uint8_t kTargetByte = 1;
inline constexpr uint8_t kHostByte = 2;
inline constexpr uint8_t kTokenByte = 4;

namespace detail {
constexpr std::array<uint8_t, 256> make_byte_classes() {
  std::array<uint8_t, 256> table{};
  for (unsigned c = 0x21; c < 0x7f; ++c) table[c] = kTargetByte;
  for (char c : std::string_view("-._~!$&'()*+,;=%:[]0123456789"
                                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<uint8_t>(c)] |= kHostByte;
  }
  for (char c : std::string_view("!#$%&'*+-.^_`|~0123456789"
                                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<uint8_t>(c)] |= kTokenByte;
  }
  return table;
}
}  // namespace detail

inline constexpr auto kByteClasses = detail::make_byte_classes();

bool all_in_class(std::string_view text, uint8_t byte_class);

// `host` or `host:port`, without user info; not empty.
bool is_valid_authority(std::string_view text);

}  // namespace spindle::http
