#pragma once

// Commands as a server reads them: an array of words, each with its length, so that a word may hold
// any bytes.

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace spindle::redis {

std::string encode_command(std::span<const std::string_view> words);
inline std::string encode_command(std::initializer_list<std::string_view> words) {
  return encode_command(std::span(words.begin(), words.size()));
}

// Whether exactly one reply comes for it and the connection stays as it is for those that follow:
// not so for subscriptions, for MONITOR, and for switching replies off.
bool has_one_reply(std::span<const std::string_view> words);

}  // namespace spindle::redis
