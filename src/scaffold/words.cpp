#include "scaffold/words.h"

#include <fmt/format.h>

#include <cstdint>

namespace spindle::scaffold {
namespace {

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_part_of_word(char c) {
  return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9') || static_cast<uint8_t>(c) >= 0x80;
}
char to_lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}
char to_upper(char c) {
  return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

// Cuts a run of letters and digits where its case says so.
void add_words(std::string_view run, std::vector<std::string>& words) {
  enum class Mode : uint8_t { None, Lower, Upper };
  Mode mode = Mode::None;
  size_t start = 0;
  auto cut = [&](size_t end) {
    if (end > start) words.emplace_back(run.substr(start, end - start));
    start = end;
    mode = Mode::None;
  };
  for (size_t index = 0; index < run.size(); ++index) {
    const char c = run[index];
    const char next = index + 1 < run.size() ? run[index + 1] : 0;
    const Mode now = is_lower(c) ? Mode::Lower : is_upper(c) ? Mode::Upper : mode;
    if (now == Mode::Lower && is_upper(next)) {
      cut(index + 1);
    } else if (mode == Mode::Upper && is_upper(c) && is_lower(next)) {
      cut(index);
      mode = Mode::None;
    } else {
      mode = now;
    }
  }
  cut(run.size());
}

std::string joined(std::string_view text, char separator) {
  std::string made;
  for (const auto& word : words_of(text)) {
    if (!made.empty()) made += separator;
    for (char c : word) made += to_lower(c);
  }
  return made;
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  size_t start = 0;
  for (size_t index = 0; index <= text.size(); ++index) {
    if (index < text.size() && is_part_of_word(text[index])) continue;
    add_words(text.substr(start, index - start), words);
    start = index + 1;
  }
  return words;
}

std::string kebab_case(std::string_view text) {
  return joined(text, '-');
}

std::string snake_case(std::string_view text) {
  return joined(text, '_');
}

std::string pascal_case(std::string_view text) {
  std::string made;
  for (const auto& word : words_of(text)) {
    made += to_upper(word.front());
    for (char c : std::string_view(word).substr(1)) made += to_lower(c);
  }
  return made;
}

std::string dotted_pascal_case(std::string_view text) {
  std::string made;
  while (true) {
    const auto dot = text.find('.');
    made += pascal_case(text.substr(0, dot));
    if (dot == std::string_view::npos) return made;
    made += '.';
    text.remove_prefix(dot + 1);
  }
}

std::string http_wildcard(std::string_view route) {
  if (route.ends_with("/...")) return std::string(route);
  return fmt::format("{}{}", route, route.ends_with('/') ? "..." : "/...");
}

}  // namespace spindle::scaffold
