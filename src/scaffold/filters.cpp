#include <fmt/format.h>

#include <algorithm>

#include "base/overloaded.h"
#include "scaffold/liquid_nodes.h"
#include "scaffold/words.h"

namespace spindle::scaffold {
namespace {

constexpr size_t kMaxParts = 100'000;
constexpr std::string_view kSpaces = " \t\r\n\f\v";

std::string trim_start(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
  return std::string(text);
}

std::string trim_end(std::string_view text) {
  return std::string(text.substr(0, text.find_last_not_of(kSpaces) + 1));
}

std::string mapped(std::string_view text, int (*change)(int)) {
  std::string made(text);
  for (char& c : made) {
    if (static_cast<unsigned char>(c) < 0x80) c = static_cast<char>(change(c));
  }
  return made;
}

std::string capitalized(std::string_view text) {
  return mapped(text.substr(0, 1), std::toupper) +
         std::string(text.substr(std::min<size_t>(1, text.size())));
}

// A filter of a text alone.
struct Plain {
  std::string_view name;
  std::string (*apply)(std::string_view text);
};

constexpr Plain kPlain[] = {
    {"kebab_case", kebab_case},
    {"snake_case", snake_case},
    {"pascal_case", pascal_case},
    {"dotted_pascal_case", dotted_pascal_case},
    {"http_wildcard", http_wildcard},
    {"upcase", [](std::string_view text) { return mapped(text, std::toupper); }},
    {"downcase", [](std::string_view text) { return mapped(text, std::tolower); }},
    {"capitalize", capitalized},
    {"lstrip", trim_start},
    {"rstrip", trim_end},
    {"strip", [](std::string_view text) { return trim_start(trim_end(text)); }},
};

enum class Extent : uint8_t { First, All };

Result<std::string> replaced(std::string_view text, std::string_view from, std::string_view to,
                             Extent extent) {
  if (from.empty()) return std::string(text);
  std::string made;
  while (true) {
    const auto found = text.find(from);
    if (found == std::string_view::npos) return made + std::string(text);
    made += text.substr(0, found);
    made += to;
    text.remove_prefix(found + from.size());
    if (extent == Extent::First) return made + std::string(text);
    if (made.size() > kMaxLiquidOutputBytes) {
      return Error::limit_exceeded(
          fmt::format("a filter makes a text of more than {} bytes", kMaxLiquidOutputBytes));
    }
  }
}

Result<LiquidValue> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  if (text.empty()) return LiquidValue(parts);
  if (separator.empty()) return LiquidValue(std::vector{std::string(text)});
  while (true) {
    const auto found = text.find(separator);
    parts.emplace_back(text.substr(0, found));
    if (found == std::string_view::npos) return LiquidValue(std::move(parts));
    if (parts.size() == kMaxParts) {
      return Error::limit_exceeded(fmt::format("`split` makes more than {} parts", kMaxParts));
    }
    text.remove_prefix(found + separator.size());
  }
}

bool is_empty(const LiquidValue& value) {
  if (const auto* truth = std::get_if<bool>(&value)) return !*truth;
  if (std::holds_alternative<int64_t>(value)) return false;
  return to_text(value).empty();
}

LiquidValue size_of(const LiquidValue& value) {
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  return static_cast<int64_t>(list != nullptr ? list->size() : to_text(value).size());
}

std::string join(const LiquidValue& value, std::string_view separator) {
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  return list != nullptr ? fmt::format("{}", fmt::join(*list, separator)) : to_text(value);
}

// A filter with arguments, and how many.
struct Arguments {
  std::string_view name;
  size_t count;
  Result<LiquidValue> (*apply)(const LiquidValue& input, const std::vector<std::string>& arguments);
};

Result<LiquidValue> text_or_error(Result<std::string> text) {
  auto made = TRY(std::move(text));
  return LiquidValue(std::move(made));
}

using Texts = std::vector<std::string>;

constexpr Arguments kArguments[] = {
    {"append", 1,
     [](const LiquidValue& input, const Texts& a) -> Result<LiquidValue> {
       return LiquidValue(to_text(input) + a[0]);
     }},
    {"prepend", 1,
     [](const LiquidValue& input, const Texts& a) -> Result<LiquidValue> {
       return LiquidValue(a[0] + to_text(input));
     }},
    {"remove", 1,
     [](const LiquidValue& input, const Texts& a) {
       return text_or_error(replaced(to_text(input), a[0], "", Extent::All));
     }},
    {"remove_first", 1,
     [](const LiquidValue& input, const Texts& a) {
       return text_or_error(replaced(to_text(input), a[0], "", Extent::First));
     }},
    {"replace", 2,
     [](const LiquidValue& input, const Texts& a) {
       return text_or_error(replaced(to_text(input), a[0], a[1], Extent::All));
     }},
    {"replace_first", 2,
     [](const LiquidValue& input, const Texts& a) {
       return text_or_error(replaced(to_text(input), a[0], a[1], Extent::First));
     }},
    {"default", 1,
     [](const LiquidValue& input, const Texts& a) -> Result<LiquidValue> {
       return is_empty(input) ? LiquidValue(a[0]) : input;
     }},
    {"split", 1,
     [](const LiquidValue& input, const Texts& a) -> Result<LiquidValue> {
       return split(to_text(input), a[0]);
     }},
    {"join", 1,
     [](const LiquidValue& input, const Texts& a) -> Result<LiquidValue> {
       return LiquidValue(join(input, a[0]));
     }},
    {"size", 0,
     [](const LiquidValue& input, const Texts&) -> Result<LiquidValue> { return size_of(input); }},
};

}  // namespace

std::string to_text(const LiquidValue& value) {
  return std::visit(
      Overloaded{[](std::monostate) { return std::string(); },
                 [](bool truth) { return std::string(truth ? "true" : "false"); },
                 [](int64_t number) { return fmt::format("{}", number); },
                 [](const std::string& text) { return text; },
                 [](const Texts& list) { return fmt::format("{}", fmt::join(list, "")); }},
      value);
}

bool is_liquid_filter(std::string_view name) {
  return std::ranges::find(kPlain, name, &Plain::name) != std::end(kPlain) ||
         std::ranges::find(kArguments, name, &Arguments::name) != std::end(kArguments);
}

Result<LiquidValue> apply_liquid_filter(std::string_view name, const LiquidValue& input,
                                        const std::vector<LiquidValue>& arguments) {
  const auto* with = std::ranges::find(kArguments, name, &Arguments::name);
  const size_t count = with != std::end(kArguments) ? with->count : 0;
  if (arguments.size() != count) {
    return Error::invalid_input(
        fmt::format("the filter `{}` takes {} arguments, not {}", name, count, arguments.size()));
  }
  if (with == std::end(kArguments)) {
    const auto* plain = std::ranges::find(kPlain, name, &Plain::name);
    return LiquidValue(plain->apply(to_text(input)));
  }
  Texts texts;
  for (const auto& argument : arguments) texts.push_back(to_text(argument));
  return with->apply(input, texts);
}

}  // namespace spindle::scaffold
