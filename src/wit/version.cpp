#include "wit/version.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

namespace spindle::wit {
namespace {

constexpr size_t kMaxVersionLength = 128;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_identifier_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

bool is_numeric(std::string_view text) {
  return std::ranges::all_of(text, is_digit);
}

std::vector<std::string_view> split_dots(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    size_t dot = text.find('.');
    parts.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    text.remove_prefix(dot + 1);
  }
}

Error bad_version(std::string_view text) {
  return Error::invalid_input(
      fmt::format("`{}` is not a version: expected `major.minor.patch`", text.substr(0, 64)));
}

bool parse_number(std::string_view text, uint64_t& number) {
  if (text.empty() || !is_numeric(text) || (text.size() > 1 && text[0] == '0')) return false;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc{};
}

enum class LeadingZeros : uint8_t { Allowed, Forbidden };

bool valid_identifiers(std::string_view text, LeadingZeros zeros) {
  for (std::string_view part : split_dots(text)) {
    if (part.empty() || !std::ranges::all_of(part, is_identifier_char)) return false;
    if (zeros == LeadingZeros::Forbidden && part.size() > 1 && part[0] == '0' && is_numeric(part)) {
      return false;
    }
  }
  return true;
}

std::strong_ordering compare_identifier(std::string_view left, std::string_view right) {
  bool left_numeric = is_numeric(left);
  bool right_numeric = is_numeric(right);
  if (left_numeric != right_numeric) {
    return left_numeric ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  if (left_numeric && left.size() != right.size()) return left.size() <=> right.size();
  return left.compare(right) <=> 0;
}

std::strong_ordering compare_pre(const std::string& left, const std::string& right) {
  if (left.empty() || right.empty()) return left.empty() <=> right.empty();
  auto lefts = split_dots(left);
  auto rights = split_dots(right);
  for (size_t i = 0; i < std::min(lefts.size(), rights.size()); ++i) {
    auto order = compare_identifier(lefts[i], rights[i]);
    if (order != 0) return order;
  }
  return lefts.size() <=> rights.size();
}

}  // namespace

std::string Version::to_string() const {
  std::string text = fmt::format("{}.{}.{}", major, minor, patch);
  if (!pre.empty()) text += "-" + pre;
  if (!build.empty()) text += "+" + build;
  return text;
}

std::strong_ordering operator<=>(const Version& left, const Version& right) {
  if (auto order = left.major <=> right.major; order != 0) return order;
  if (auto order = left.minor <=> right.minor; order != 0) return order;
  if (auto order = left.patch <=> right.patch; order != 0) return order;
  if (auto order = compare_pre(left.pre, right.pre); order != 0) return order;
  return left.build.compare(right.build) <=> 0;
}

Result<Version> parse_version(std::string_view text) {
  if (text.size() > kMaxVersionLength) {
    return Error::limit_exceeded(
        fmt::format("version of {} bytes, at most {} are allowed", text.size(), kMaxVersionLength));
  }
  Version version;
  std::string_view rest = text;
  if (size_t plus = rest.find('+'); plus != std::string_view::npos) {
    version.build = rest.substr(plus + 1);
    if (!valid_identifiers(version.build, LeadingZeros::Allowed)) return bad_version(text);
    rest = rest.substr(0, plus);
  }
  if (size_t dash = rest.find('-'); dash != std::string_view::npos) {
    version.pre = rest.substr(dash + 1);
    if (!valid_identifiers(version.pre, LeadingZeros::Forbidden)) return bad_version(text);
    rest = rest.substr(0, dash);
  }
  auto numbers = split_dots(rest);
  if (numbers.size() != 3 || !parse_number(numbers[0], version.major) ||
      !parse_number(numbers[1], version.minor) || !parse_number(numbers[2], version.patch)) {
    return bad_version(text);
  }
  return version;
}

std::string compatibility_track(const Version& version) {
  if (!version.pre.empty()) return version.to_string();
  if (version.major > 0) return fmt::format("{}", version.major);
  if (version.minor > 0) return fmt::format("0.{}", version.minor);
  return version.to_string();
}

}  // namespace spindle::wit
