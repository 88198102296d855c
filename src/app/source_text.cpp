#include "app/source_text.h"

#include <algorithm>

#include "fmt/format.h"

namespace spindle::app {
namespace {

constexpr size_t kExcerptWidth = 120;
constexpr size_t kMaxComparedWord = 64;
constexpr size_t kMaxListedCandidates = 12;

bool is_continuation(char c) {
  return (static_cast<uint8_t>(c) & 0xc0) == 0x80;
}

// The code points of a line, as byte ranges.
std::vector<std::string_view> split_code_points(std::string_view line, size_t limit) {
  std::vector<std::string_view> points;
  for (size_t i = 0; i < line.size() && points.size() < limit;) {
    size_t end = i + 1;
    while (end < line.size() && is_continuation(line[end])) ++end;
    points.push_back(line.substr(i, end - i));
    i = end;
  }
  return points;
}

std::string_view printable(std::string_view point) {
  auto byte = static_cast<uint8_t>(point[0]);
  if (byte == '\t') return " ";
  return byte < 0x20 || byte == 0x7f || point.size() > 4 ? "?" : point;
}

bool is_bare_key_point(std::string_view point) {
  char c = point[0];
  return point.size() > 1 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// How many columns to underline: the word, or the string, that begins at the position.
size_t marked_length(std::span<const std::string_view> points) {
  if (points.empty()) return 1;
  size_t length = 1;
  if (points[0] == "\"" || points[0] == "'") {
    while (length < points.size() && points[length] != points[0]) ++length;
    return std::min(length + 1, points.size());
  }
  if (points[0] == "[" || points[0] == "{" || !is_bare_key_point(points[0])) return 1;
  while (length < points.size() && is_bare_key_point(points[length])) ++length;
  return length;
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t above = row[j];
      size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, replaced});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::string_view SourceText::line(uint32_t number) const {
  std::string_view rest = text_;
  for (uint32_t i = 1; i < number; ++i) {
    size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

std::string SourceText::excerpt(Position at) const {
  if (!at.known()) return fmt::format(" --> {}", name_);
  size_t column = std::max<uint32_t>(at.column, 1) - 1;
  auto points = split_code_points(line(at.line), column + kExcerptWidth);
  column = std::min(column, points.size());
  size_t first = column > kExcerptWidth / 2 ? column - kExcerptWidth / 2 : 0;
  size_t last = std::min(points.size(), first + kExcerptWidth);
  std::string shown = first > 0 ? "..." : "";
  size_t indent = shown.size() + column - first;
  for (size_t i = first; i < last; ++i) shown += printable(points[i]);
  if (last < points.size()) shown += "...";
  size_t marked = marked_length(std::span(points).subspan(column, last - std::min(column, last)));

  std::string number = fmt::to_string(at.line);
  std::string margin(number.size(), ' ');
  return fmt::format("{0}--> {1}:{2}:{3}\n{0} |\n{2} | {4}\n{0} | {5}{6}", margin, name_, at.line,
                     at.column, shown, std::string(indent, ' '), std::string(marked, '^'));
}

Error SourceText::error(Position at, std::string_view message, std::string_view help) const {
  std::string text = fmt::format("{}\n{}", message, excerpt(at));
  if (!help.empty()) {
    std::string margin(fmt::to_string(at.line).size(), ' ');
    text += fmt::format("\n{} = help: {}", margin, help);
  }
  return Error::invalid_input(std::move(text));
}

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  if (word.empty() || word.size() > kMaxComparedWord) return best;
  size_t best_distance = (word.size() + 1) / 3 + 1;
  for (std::string_view candidate : candidates) {
    size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view near = nearest_word(word, candidates);
  if (!near.empty()) return fmt::format("did you mean `{}`?", near);
  if (candidates.empty() || candidates.size() > kMaxListedCandidates) return {};
  return fmt::format("expected {}`{}`", candidates.size() > 1 ? "one of " : "",
                     fmt::join(candidates, "`, `"));
}

}  // namespace spindle::app
