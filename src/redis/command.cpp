#include "redis/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

namespace spindle::redis {
namespace {

constexpr std::array<std::string_view, 9> kOthers = {
    "MONITOR",   "PSUBSCRIBE",   "PSYNC", "PUNSUBSCRIBE", "SSUBSCRIBE",
    "SUBSCRIBE", "SUNSUBSCRIBE", "SYNC",  "UNSUBSCRIBE",
};

bool is_word(std::string_view text, std::string_view upper) {
  return std::ranges::equal(text, upper, [](char c, char wanted) {
    return std::toupper(static_cast<unsigned char>(c)) == wanted;
  });
}

}  // namespace

std::string encode_command(std::span<const std::string_view> words) {
  size_t size = 16;
  for (const auto word : words) size += word.size() + 32;
  std::string out;
  out.reserve(size);
  fmt::format_to(std::back_inserter(out), "*{}\r\n", words.size());
  for (const auto word : words) {
    fmt::format_to(std::back_inserter(out), "${}\r\n", word.size());
    out.append(word);
    out.append("\r\n");
  }
  return out;
}

bool has_one_reply(std::span<const std::string_view> words) {
  if (words.empty()) return false;
  if (is_word(words[0], "CLIENT") && words.size() > 1) return !is_word(words[1], "REPLY");
  return std::ranges::none_of(kOthers, [&](auto other) { return is_word(words[0], other); });
}

}  // namespace spindle::redis
