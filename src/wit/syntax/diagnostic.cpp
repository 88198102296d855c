#include "wit/syntax/diagnostic.h"

#include <algorithm>

#include <fmt/format.h>

namespace spindle::wit {
namespace {

constexpr size_t kMaxExcerpt = 160;
constexpr size_t kMaxHintedName = 64;
constexpr size_t kMaxHintCandidates = 1000;

uint32_t count_code_points(std::string_view text) {
  return static_cast<uint32_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

// Control characters and broken bytes must not reach a terminal.
std::string printable(std::string_view line) {
  std::string text;
  for (char c : line) text += (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) ? ' ' : c;
  return text;
}

size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<size_t> row(right.size() + 1);
  for (size_t j = 0; j <= right.size(); ++j) row[j] = j;
  for (size_t i = 0; i < left.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < right.size(); ++j) {
      size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string Diagnostic::render() const {
  std::string number = fmt::format("{}", line);
  std::string margin(number.size(), ' ');
  std::string text =
      fmt::format("error: {}\n{}--> {}:{}:{}\n", message, margin, file, line, column);
  text += fmt::format("{} |\n{} | {}\n", margin, number, excerpt);
  text += fmt::format("{} | {}{}", margin, std::string(column - 1, ' '), std::string(length, '^'));
  if (!help.empty()) text += fmt::format("\n{} = help: {}", margin, help);
  return text;
}

std::string Diagnostic::plain() const {
  std::string text = fmt::format("{}:{}:{}: {}", file, line, column, message);
  if (!help.empty()) text += fmt::format(" ({})", help);
  return text;
}

Error Diagnostic::to_error() const {
  return Error::invalid_input(render().substr(std::string_view("error: ").size()));
}

uint32_t SourceMap::add(std::string name, std::string text) {
  sources_.push_back({std::move(name), std::move(text)});
  return static_cast<uint32_t>(sources_.size() - 1);
}

Diagnostic SourceMap::diagnostic(Span span, std::string message, std::string help) const {
  std::string_view whole = text(span.file);
  size_t begin = std::min<size_t>(span.begin, whole.size());
  size_t line_begin = begin == 0 ? 0 : whole.rfind('\n', begin - 1) + 1;
  size_t line_end = std::min(whole.find('\n', begin), whole.size());
  std::string_view line = whole.substr(line_begin, line_end - line_begin);
  if (line.ends_with('\r')) line.remove_suffix(1);

  Diagnostic made;
  made.message = std::move(message);
  made.file = name(span.file);
  made.help = std::move(help);
  made.line = 1 + static_cast<uint32_t>(std::ranges::count(whole.substr(0, line_begin), '\n'));
  made.column = 1 + count_code_points(whole.substr(line_begin, begin - line_begin));
  size_t end = std::clamp<size_t>(span.end, begin, std::max(begin, line_begin + line.size()));
  made.length = std::max<uint32_t>(1, count_code_points(whole.substr(begin, end - begin)));
  // A long line would bury the message: then the excerpt is cut and the caret stays at its end.
  if (line.size() > kMaxExcerpt) line = line.substr(0, kMaxExcerpt);
  made.excerpt = printable(line);
  uint32_t shown = count_code_points(line);
  made.column = std::min(made.column, shown + 1);
  made.length = std::min(made.length, std::max<uint32_t>(1, shown + 1 - made.column));
  return made;
}

std::string SourceMap::position(Span span) const {
  Diagnostic at = diagnostic(span, {});
  return fmt::format("{}:{}:{}", at.file, at.line, at.column);
}

std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& among) {
  std::string_view best;
  size_t best_distance = name.size() < 4 ? 2 : 3;
  if (name.size() > kMaxHintedName) return best;
  for (std::string_view candidate :
       std::span(among).first(std::min(among.size(), kMaxHintCandidates))) {
    if (candidate.size() > kMaxHintedName) continue;
    size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& among) {
  std::string_view nearest = nearest_name(name, among);
  return nearest.empty() ? std::string() : fmt::format("did you mean `{}`?", nearest);
}

}  // namespace spindle::wit
