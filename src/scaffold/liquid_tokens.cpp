#include "scaffold/liquid_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace spindle::scaffold {
namespace {

constexpr std::string_view kSpaces = " \t\r\n\f\v";

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
  return text.substr(0, text.find_last_not_of(kSpaces) + 1);
}

class Cutter {
 public:
  explicit Cutter(std::string_view text) : text_(text) {}

  Result<std::vector<LiquidSegment>> run() {
    while (at_ < text_.size()) {
      const auto open = find_open(at_);
      add_text(at_, open, trims_start_);
      trims_start_ = false;
      if (open == std::string_view::npos) break;
      TRY(braces(open));
    }
    return std::move(segments_);
  }

 private:
  // The inside of a tag, and where the text after it begins.
  struct Braces {
    std::string_view inside;
    size_t after = 0;
    bool trims_before = false;
    bool trims_after = false;
  };

  size_t find_open(size_t from) const {
    return std::min(text_.find("{{", from), text_.find("{%", from));
  }

  Result<Braces> read(size_t open) const {
    const std::string_view closing = text_[open + 1] == '{' ? "}}" : "%}";
    auto close = open + 2;
    // A closing brace in a quoted text closes nothing.
    char quote = 0;
    for (; close < text_.size(); ++close) {
      const char c = text_[close];
      if (quote == 0 && text_.substr(close, 2) == closing) break;
      if (quote != 0)
        quote = c == quote ? char{0} : quote;
      else if (c == '"' || c == '\'')
        quote = c;
    }
    if (close >= text_.size()) {
      return Error::invalid_input(
          fmt::format("line {}: `{}` is not closed", line_at(open), text_.substr(open, 2)));
    }
    Braces braces;
    braces.inside = text_.substr(open + 2, close - open - 2);
    braces.after = close + 2;
    if (braces.inside.starts_with('-')) {
      braces.trims_before = true;
      braces.inside.remove_prefix(1);
    }
    if (braces.inside.ends_with('-')) {
      braces.trims_after = true;
      braces.inside.remove_suffix(1);
    }
    braces.inside = trimmed(braces.inside);
    return braces;
  }

  Result<void> braces(size_t open) {
    auto braces = TRY(read(open));
    if (braces.trims_before) trim_last();
    at_ = braces.after;
    trims_start_ = braces.trims_after;
    const bool is_tag = text_[open + 1] == '%';
    if (is_tag && braces.inside == "raw") return skip_to("endraw", Keep::Yes);
    if (is_tag && braces.inside == "comment") return skip_to("endcomment", Keep::No);
    segments_.push_back({.kind = is_tag ? LiquidSegment::Kind::Tag : LiquidSegment::Kind::Output,
                         .text = braces.inside,
                         .line = line_at(open)});
    return {};
  }

  enum class Keep : uint8_t { No, Yes };
  Result<void> skip_to(std::string_view end, Keep keep) {
    const auto start = at_;
    const bool trims = trims_start_;
    for (auto open = text_.find("{%", at_); open != std::string_view::npos;
         open = text_.find("{%", open + 2)) {
      auto closing = read(open);
      if (!closing || closing.value().inside != end) continue;
      if (keep == Keep::Yes) {
        add_text(start, open, trims);
        if (closing.value().trims_before) trim_last();
      }
      at_ = closing.value().after;
      trims_start_ = closing.value().trims_after;
      return {};
    }
    return Error::invalid_input(fmt::format("line {}: `{}` is missing", line_at(start), end));
  }

  void add_text(size_t from, size_t to, bool trims) {
    auto text = text_.substr(from, to == std::string_view::npos ? to : to - from);
    if (trims) text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
    if (!text.empty()) segments_.push_back({.text = text, .line = line_at(from)});
  }
  void trim_last() {
    if (segments_.empty() || segments_.back().kind != LiquidSegment::Kind::Text) return;
    auto& text = segments_.back().text;
    text = text.substr(0, text.find_last_not_of(kSpaces) + 1);
  }

  // Positions are asked for in rising order, mostly.
  size_t line_at(size_t position) const {
    if (position < counted_to_) {
      counted_to_ = 0;
      line_ = 1;
    }
    line_ +=
        static_cast<size_t>(std::count(text_.begin() + static_cast<ptrdiff_t>(counted_to_),
                                       text_.begin() + static_cast<ptrdiff_t>(position), '\n'));
    counted_to_ = position;
    return line_;
  }

  const std::string_view text_;
  size_t at_ = 0;
  bool trims_start_ = false;
  std::vector<LiquidSegment> segments_;
  mutable size_t counted_to_ = 0;
  mutable size_t line_ = 1;
};

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_part(char c) {
  return is_name_start(c) || is_digit(c) || c == '-';
}

constexpr std::array<std::string_view, 13> kSymbols = {"==", "!=", "<>", "<=", ">=", "<", ">",
                                                       "|",  ":",  ",",  "=",  ".",  "["};

size_t run_of(std::string_view text, bool (*accepts)(char)) {
  return static_cast<size_t>(std::ranges::find_if_not(text, accepts) - text.begin());
}

// The token at the start of `text`, which is not empty, and its length.
Result<std::pair<LiquidToken, size_t>> next_token(std::string_view text) {
  using Kind = LiquidToken::Kind;
  const char first = text[0];
  if (first == '"' || first == '\'') {
    const auto end = text.find(first, 1);
    if (end == std::string_view::npos) return Error::invalid_input("a quoted text is not closed");
    return std::pair(LiquidToken{Kind::Text, std::string(text.substr(1, end - 1))}, end + 1);
  }
  if (is_name_start(first)) {
    const auto length = run_of(text, is_name_part);
    return std::pair(LiquidToken{Kind::Name, std::string(text.substr(0, length))}, length);
  }
  if (is_digit(first) || (first == '-' && text.size() > 1 && is_digit(text[1]))) {
    const auto length = 1 + run_of(text.substr(1), is_digit);
    return std::pair(LiquidToken{Kind::Number, std::string(text.substr(0, length))}, length);
  }
  for (auto symbol : kSymbols) {
    if (!text.starts_with(symbol)) continue;
    return std::pair(LiquidToken{Kind::Symbol, std::string(symbol)}, symbol.size());
  }
  return Error::invalid_input(fmt::format("unexpected `{}`", first));
}

}  // namespace

Result<std::vector<LiquidSegment>> cut_liquid(std::string_view text) {
  return Cutter(text).run();
}

Result<std::vector<LiquidToken>> liquid_tokens(std::string_view tag) {
  std::vector<LiquidToken> tokens;
  while (true) {
    tag = trimmed(tag);
    if (tag.empty()) break;
    auto next = TRY(next_token(tag));
    tag.remove_prefix(next.second);
    tokens.push_back(std::move(next.first));
  }
  tokens.emplace_back();
  return tokens;
}

}  // namespace spindle::scaffold
