#include "component/validate/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace spindle::component {
namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A word: all lower or all upper case; only the first of a label has to begin with a letter.
bool is_word(std::string_view word, bool& first) {
  if (word.empty()) return false;
  if (first && is_digit(word.front())) return false;
  first = false;
  bool lower = std::any_of(word.begin(), word.end(), is_lower);
  bool upper = std::any_of(word.begin(), word.end(), is_upper);
  if (lower && upper) return false;
  return std::all_of(word.begin(), word.end(),
                     [](char c) { return is_lower(c) || is_upper(c) || is_digit(c); });
}

bool is_identifier_part(std::string_view part, bool numeric_without_zero) {
  if (part.empty()) return false;
  bool digits = std::all_of(part.begin(), part.end(), is_digit);
  if (digits && numeric_without_zero && part.size() > 1 && part.front() == '0') return false;
  return std::all_of(part.begin(), part.end(),
                     [](char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '-'; });
}

// Parts separated by dots.
bool are_identifier_parts(std::string_view text, bool numeric_without_zero) {
  for (;;) {
    auto dot = text.find('.');
    if (!is_identifier_part(text.substr(0, dot), numeric_without_zero)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// Removes a number from the front.
bool take_number(std::string_view& text) {
  size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  bool valid = length > 0 && length < 20 && (length == 1 || text.front() != '0');
  text.remove_prefix(length);
  return valid;
}

bool take_char(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

Error invalid_name(std::string_view name, std::string_view why) {
  return Error::invalid_input(fmt::format("`{}` is not a valid name: {}", name, why));
}

bool is_lower_label(std::string_view label) {
  return is_kebab_label(label) && std::none_of(label.begin(), label.end(), is_upper);
}

Result<ParsedName> parse_annotated(std::string_view name) {
  auto close = name.find(']');
  if (close == std::string_view::npos) return invalid_name(name, "`]` is missing");
  auto annotation = name.substr(1, close - 1);
  auto rest = name.substr(close + 1);
  ParsedName parsed;
  if (annotation == "constructor") {
    if (!is_kebab_label(rest)) return invalid_name(name, "expected a kebab-case label");
    parsed.kind = NameKind::Constructor;
    parsed.label = rest;
    parsed.uniqueness_key = "[constructor]" + lowered(rest);
    return parsed;
  }
  if (annotation != "method" && annotation != "static") {
    return invalid_name(name, "unknown annotation");
  }
  auto dot = rest.find('.');
  if (dot == std::string_view::npos) return invalid_name(name, "expected `resource.function`");
  parsed.kind = annotation == "method" ? NameKind::Method : NameKind::Static;
  parsed.label = rest.substr(0, dot);
  parsed.member = rest.substr(dot + 1);
  if (!is_kebab_label(parsed.label) || !is_kebab_label(parsed.member)) {
    return invalid_name(name, "expected kebab-case labels around the dot");
  }
  // A member named like its resource would be the resource's own name in bindings.
  auto resource = lowered(parsed.label);
  auto member = lowered(parsed.member);
  parsed.uniqueness_key = resource == member ? resource : resource + "." + member;
  return parsed;
}

Result<ParsedName> parse_interface(std::string_view name) {
  ParsedName parsed;
  parsed.kind = NameKind::Interface;
  parsed.uniqueness_key = std::string(name);
  auto rest = name;
  auto at = rest.find('@');
  if (at != std::string_view::npos) {
    parsed.version = rest.substr(at + 1);
    rest = rest.substr(0, at);
    if (parsed.version.empty()) return invalid_name(name, "the version after `@` is missing");
  }
  auto colon = rest.find(':');
  auto slash = rest.find('/');
  if (slash == std::string_view::npos || slash < colon) {
    return invalid_name(name, "expected `namespace:package/interface`");
  }
  if (!is_lower_label(rest.substr(0, colon))) return invalid_name(name, "bad namespace");
  if (!is_lower_label(rest.substr(colon + 1, slash - colon - 1))) {
    return invalid_name(name, "bad package");
  }
  if (!is_kebab_label(rest.substr(slash + 1))) return invalid_name(name, "bad interface");
  return parsed;
}

bool starts_dependency(std::string_view name) {
  return name.starts_with("unlocked-dep=") || name.starts_with("locked-dep=") ||
         name.starts_with("url=") || name.starts_with("integrity=");
}

}  // namespace

bool is_kebab_label(std::string_view label) {
  bool first = true;
  for (;;) {
    auto dash = label.find('-');
    if (!is_word(label.substr(0, dash), first)) return false;
    if (dash == std::string_view::npos) return true;
    label.remove_prefix(dash + 1);
  }
}

std::string lowered(std::string_view label) {
  std::string text(label);
  for (char& c : text) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool is_semantic_version(std::string_view version) {
  for (int part = 0; part < 3; ++part) {
    if (part > 0 && !take_char(version, '.')) return false;
    if (!take_number(version)) return false;
  }
  if (take_char(version, '-')) {
    auto plus = version.find('+');
    if (!are_identifier_parts(version.substr(0, plus), true)) return false;
    version = plus == std::string_view::npos ? std::string_view() : version.substr(plus);
  }
  if (take_char(version, '+')) return are_identifier_parts(version, false);
  return version.empty();
}

Result<ParsedName> parse_extern_name(std::string_view name) {
  if (name.starts_with('[')) return parse_annotated(name);
  if (starts_dependency(name)) {
    return Error::not_supported(
        fmt::format("`{}`: importing by dependency, url or hash is not supported", name));
  }
  if (name.find(':') != std::string_view::npos) return parse_interface(name);
  if (!is_kebab_label(name)) return invalid_name(name, "expected a kebab-case label");
  ParsedName parsed;
  parsed.label = name;
  parsed.uniqueness_key = lowered(name);
  return parsed;
}

}  // namespace spindle::component
