#include "app/semver.h"

#include <algorithm>
#include <charconv>

namespace spindle::app {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t value = 0;
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

enum class LeadingZero : uint8_t { Allowed, Refused };

// Dot-separated words of letters, digits and '-'.
bool is_identifier_list(std::string_view text, LeadingZero zero) {
  for (size_t start = 0; start <= text.size();) {
    size_t end = std::min(text.find('.', start), text.size());
    std::string_view word = text.substr(start, end - start);
    if (word.empty()) return false;
    bool good = std::ranges::all_of(word, [](char c) {
      return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
    bool number = std::ranges::all_of(word, is_digit);
    if (!good || (zero == LeadingZero::Refused && number && word.size() > 1 && word[0] == '0'))
      return false;
    start = end + 1;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// "1", "1.2", "1.2.*", "1.2.3-rc.1" after an operator.
bool is_partial_version(std::string_view text) {
  if (Semver::parse(text)) return true;
  size_t parts = 0;
  for (size_t start = 0; start <= text.size(); ++parts) {
    size_t end = std::min(text.find('.', start), text.size());
    std::string_view part = text.substr(start, end - start);
    bool wildcard = part == "*" || part == "x" || part == "X";
    if (!wildcard && !parse_number(part)) return false;
    start = end + 1;
  }
  return parts <= 3;
}

}  // namespace

std::optional<Semver> Semver::parse(std::string_view text) {
  Semver version;
  if (size_t plus = text.find('+'); plus != std::string_view::npos) {
    version.build = text.substr(plus + 1);
    if (!is_identifier_list(version.build, LeadingZero::Allowed)) return std::nullopt;
    text = text.substr(0, plus);
  }
  if (size_t dash = text.find('-'); dash != std::string_view::npos) {
    version.prerelease = text.substr(dash + 1);
    if (!is_identifier_list(version.prerelease, LeadingZero::Refused)) return std::nullopt;
    text = text.substr(0, dash);
  }
  size_t first = text.find('.');
  size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  auto major = parse_number(text.substr(0, first));
  auto minor = parse_number(text.substr(first + 1, second - first - 1));
  auto patch = parse_number(text.substr(second + 1));
  if (!major || !minor || !patch) return std::nullopt;
  version.major = *major;
  version.minor = *minor;
  version.patch = *patch;
  return version;
}

bool semver_compatible(const Semver& a, const Semver& b) {
  if (!a.prerelease.empty() || !b.prerelease.empty())
    return a.major == b.major && a.minor == b.minor && a.patch == b.patch &&
           a.prerelease == b.prerelease;
  if (a.major != b.major) return false;
  if (a.major > 0) return true;
  if (a.minor != b.minor) return false;
  return a.minor > 0 || a.patch == b.patch;
}

bool is_version_requirement(std::string_view text) {
  if (trim(text).empty()) return false;
  for (size_t start = 0; start <= text.size();) {
    size_t end = std::min(text.find(',', start), text.size());
    std::string_view part = trim(text.substr(start, end - start));
    for (std::string_view op : {">=", "<=", "=", ">", "<", "^", "~"}) {
      if (!part.starts_with(op)) continue;
      part = trim(part.substr(op.size()));
      break;
    }
    if (!is_partial_version(part)) return false;
    start = end + 1;
  }
  return true;
}

}  // namespace spindle::app
