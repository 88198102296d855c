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

// Removes `start` from the front.
bool take_text(std::string_view& text, std::string_view start) {
  if (!text.starts_with(start)) return false;
  text.remove_prefix(start.size());
  return true;
}

// Removes `<...>` from the front; nothing when it is not there.
std::optional<std::string_view> take_brackets(std::string_view& text) {
  if (!text.starts_with('<')) return std::nullopt;
  auto inside = text.substr(1, text.find('>') - 1);
  if (inside.size() + 2 > text.size()) return std::nullopt;
  text.remove_prefix(inside.size() + 2);
  return inside;
}

// The same, where versions may hold `>` too: up to the last one before a hash.
std::optional<std::string_view> take_query(std::string_view& text) {
  auto end = text.rfind('>');
  if (!text.starts_with('<') || end == std::string_view::npos) return std::nullopt;
  auto inside = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  return inside;
}

// namespace:package, perhaps with one of its interfaces: /interface
bool is_package_path(std::string_view path) {
  auto slash = path.find('/');
  if (slash != std::string_view::npos) {
    if (!is_kebab_label(path.substr(slash + 1))) return false;
    path = path.substr(0, slash);
  }
  auto colon = path.find(':');
  return colon != std::string_view::npos && is_lower_label(path.substr(0, colon)) &&
         is_lower_label(path.substr(colon + 1));
}

// *   {>=1.0.0}   {<2.0.0}   {>=1.0.0 <2.0.0}
bool is_version_range(std::string_view range) {
  if (range == "*") return true;
  if (!take_char(range, '{') || !range.ends_with('}')) return false;
  range.remove_suffix(1);
  if (take_text(range, ">=")) {
    auto space = range.find(' ');
    if (!is_semantic_version(range.substr(0, space))) return false;
    if (space == std::string_view::npos) return true;
    range.remove_prefix(space + 1);
  }
  return take_char(range, '<') && is_semantic_version(range);
}

bool is_base64(std::string_view text) {
  auto digits = text.substr(0, text.find('='));
  auto padding = text.substr(digits.size());
  if (digits.empty() || padding.size() > 2) return false;
  return std::ranges::all_of(padding, [](char c) { return c == '='; }) &&
         std::ranges::all_of(digits, [](char c) {
           return is_lower(c) || is_upper(c) || is_digit(c) || c == '+' || c == '/';
         });
}

// Hashes as web pages give them: `sha256-BASE64`, perhaps with `?options`, separated by spaces.
bool is_integrity(std::string_view hashes) {
  bool any = false;
  while (!hashes.empty()) {
    auto hash = hashes.substr(0, hashes.find(' '));
    hashes.remove_prefix(std::min(hash.size() + 1, hashes.size()));
    if (hash.empty()) continue;
    if (!take_text(hash, "sha256-") && !take_text(hash, "sha384-") && !take_text(hash, "sha512-")) {
      return false;
    }
    if (!is_base64(hash.substr(0, hash.find('?')))) return false;
    any = true;
  }
  return any;
}

// The end of a name: nothing, or `,integrity=<...>`.
bool is_optional_hash(std::string_view rest) {
  if (rest.empty()) return true;
  if (!take_text(rest, ",integrity=")) return false;
  auto hashes = take_brackets(rest);
  return hashes && rest.empty() && is_integrity(*hashes);
}

// Names of components to be found elsewhere: by package, by address, by hash.
Result<std::optional<ParsedName>> parse_dependency(std::string_view name) {
  ParsedName parsed;
  parsed.kind = NameKind::Dependency;
  parsed.uniqueness_key = std::string(name);
  auto rest = name;
  bool valid = false;
  if (take_text(rest, "unlocked-dep=")) {
    auto query = take_query(rest);
    if (!query || !rest.empty()) return invalid_name(name, "expected `<namespace:package>`");
    auto at = query->find('@');
    valid = is_package_path(query->substr(0, at)) &&
            (at == std::string_view::npos || is_version_range(query->substr(at + 1)));
  } else if (take_text(rest, "locked-dep=")) {
    auto package = take_brackets(rest);
    if (!package) return invalid_name(name, "expected `<namespace:package>`");
    auto at = package->find('@');
    valid = is_package_path(package->substr(0, at)) &&
            (at == std::string_view::npos || is_semantic_version(package->substr(at + 1))) &&
            is_optional_hash(rest);
  } else if (take_text(rest, "url=")) {
    auto url = take_brackets(rest);
    valid = url && url->find('<') == std::string_view::npos && is_optional_hash(rest);
  } else if (take_text(rest, "integrity=")) {
    auto hashes = take_brackets(rest);
    valid = hashes && rest.empty() && is_integrity(*hashes);
  } else {
    return std::optional<ParsedName>();
  }
  if (!valid) return invalid_name(name, "malformed package, version, address or hash");
  return std::optional<ParsedName>(std::move(parsed));
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
  auto dependency = TRY(parse_dependency(name));
  if (dependency) return std::move(*dependency);
  if (name.find(':') != std::string_view::npos) return parse_interface(name);
  if (!is_kebab_label(name)) return invalid_name(name, "expected a kebab-case label");
  ParsedName parsed;
  parsed.label = name;
  parsed.uniqueness_key = lowered(name);
  return parsed;
}

}  // namespace spindle::component
