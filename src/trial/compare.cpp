#include "trial/compare.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/json.h"
#include "base/utf8.h"

namespace spindle::trial {
namespace {

// A comparison by lines keeps a table of their pairs.
constexpr size_t kLinesMax = 400;
constexpr size_t kShownBytesMax = 4000;
// What fits on a line with its neighbour.
constexpr size_t kShortBytes = 60;
constexpr size_t kContextLines = 3;
// Whole numbers that a double holds exactly.
constexpr double kWholeMax = 9007199254740992.0;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

struct Marked {
  char mark;
  std::string_view line;
};

// The longest common subsequence, by the table of its lengths.
std::vector<Marked> compare_lines(std::span<const std::string_view> expected,
                                  std::span<const std::string_view> got) {
  const size_t width = got.size() + 1;
  std::vector<uint32_t> common((expected.size() + 1) * width, 0);
  for (size_t i = expected.size(); i-- > 0;) {
    for (size_t j = got.size(); j-- > 0;) {
      common[i * width + j] =
          expected[i] == got[j] ? common[(i + 1) * width + j + 1] + 1
                                : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  std::vector<Marked> marked;
  size_t i = 0;
  size_t j = 0;
  while (i < expected.size() || j < got.size()) {
    if (i < expected.size() && j < got.size() && expected[i] == got[j]) {
      marked.push_back({' ', expected[i++]});
      ++j;
    } else if (i < expected.size() &&
               (j == got.size() || common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      marked.push_back({'-', expected[i++]});
    } else {
      marked.push_back({'+', got[j++]});
    }
  }
  return marked;
}

bool is_near_a_change(std::span<const Marked> lines, size_t index) {
  const size_t first = index < kContextLines ? 0 : index - kContextLines;
  const size_t last = std::min(lines.size(), index + kContextLines + 1);
  return std::ranges::any_of(lines.subspan(first, last - first),
                             [](const Marked& line) { return line.mark != ' '; });
}

std::string without_quotes(std::string_view line) {
  const auto text = shown(line);
  return text.substr(1, text.size() - 2);
}

std::string clipped(std::string_view text) {
  if (text.size() <= kShownBytesMax) return shown(text);
  return fmt::format("{} and {} bytes more", shown(text.substr(0, kShownBytesMax)),
                     text.size() - kShownBytesMax);
}

// Keys in order, and whole numbers as such, however they are written.
app::Value normalized(const app::Value& value) {
  if (const auto* number = value.as_float()) {
    const auto whole = static_cast<int64_t>(std::clamp(*number, -kWholeMax, kWholeMax));
    return static_cast<double>(whole) == *number ? app::Value(whole) : value;
  }
  if (const auto* array = value.as_array()) {
    app::Array made;
    for (const auto& item : *array) made.push_back(normalized(item));
    return app::Value(std::move(made));
  }
  const auto* table = value.as_table();
  if (table == nullptr) return value;
  std::vector<const app::TableEntry*> entries;
  for (const auto& entry : *table) entries.push_back(&entry);
  std::ranges::sort(entries, {}, &app::TableEntry::key);
  app::Table made;
  for (const auto* entry : entries) made.append(entry->key, normalized(entry->value));
  return app::Value(std::move(made));
}

// Empty where that shows nothing, or too much.
std::string compare_by_lines(std::string_view what, std::string_view expected,
                             std::string_view got) {
  const auto wanted = lines_of(expected);
  const auto found = lines_of(got);
  if (wanted.size() == 1 && found.size() == 1) return {};
  if (wanted.size() > kLinesMax || found.size() > kLinesMax) return {};
  std::string text = fmt::format("{}: - expected, + got", what);
  const auto lines = compare_lines(wanted, found);
  bool is_left_out = false;
  for (size_t index = 0; index < lines.size(); ++index) {
    if (!is_near_a_change(lines, index)) {
      if (!std::exchange(is_left_out, true)) text += "\n  ...";
      continue;
    }
    is_left_out = false;
    text += fmt::format("\n  {} {}", lines[index].mark, without_quotes(lines[index].line));
  }
  return text;
}

}  // namespace

std::string shown(std::string_view text) {
  const bool is_text = is_valid_utf8(text);
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f || (!is_text && byte >= 0x80)) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string indent(std::string_view text, size_t blanks) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out.append(blanks, ' ');
  }
  return out;
}

std::string difference(std::string_view what, std::string_view expected, std::string_view got) {
  if (expected == got) return {};
  const bool is_short = expected.size() + got.size() <= kShortBytes;
  auto lines = is_short ? std::string() : compare_by_lines(what, expected, got);
  if (!lines.empty()) return lines;
  return fmt::format("{}:\n  expected {}\n  got      {}", what, clipped(expected), clipped(got));
}

std::string difference(std::string_view what, const app::Value& expected, const app::Value& got) {
  const auto wanted = normalized(expected);
  const auto found = normalized(got);
  if (wanted == found) return {};
  const auto* wanted_text = wanted.as_string();
  const auto* found_text = found.as_string();
  if (wanted_text != nullptr && found_text != nullptr) {
    return difference(what, *wanted_text, *found_text);
  }
  const auto short_wanted = app::to_json(wanted);
  const auto short_found = app::to_json(found);
  std::string lines;
  if (short_wanted.size() + short_found.size() > kShortBytes) {
    lines = compare_by_lines(what, app::to_json(wanted, app::JsonStyle::Pretty),
                             app::to_json(found, app::JsonStyle::Pretty));
  }
  if (!lines.empty()) return lines;
  return fmt::format("{}:\n  expected {}\n  got      {}", what,
                     short_wanted.substr(0, kShownBytesMax), short_found.substr(0, kShownBytesMax));
}

std::vector<std::string> compare_message(const MessageShape& shape, http::HeaderView headers,
                                         const std::string& body) {
  std::vector<std::string> found;
  for (const auto& [name, value] : shape.headers) {
    const auto there = headers.find(name);
    if (!there) {
      found.push_back(fmt::format("header {}: expected {}, it is missing", name, shown(value)));
    } else if (*there != value) {
      found.push_back(difference(fmt::format("header {}", name), value, *there));
    }
  }
  if (shape.body && *shape.body != body) found.push_back(difference("body", *shape.body, body));
  for (const auto& part : shape.body_contains) {
    if (body.contains(part)) continue;
    found.push_back(
        fmt::format("body: expected to contain {}\n  got {}", shown(part), clipped(body)));
  }
  if (!shape.json) return found;
  auto parsed = app::parse_json(body);
  if (!parsed) {
    found.push_back(
        fmt::format("body: expected JSON, got {}: {}", clipped(body), parsed.error().message()));
  } else if (auto text = difference("json", *shape.json, parsed.value()); !text.empty()) {
    found.push_back(std::move(text));
  }
  return found;
}

}  // namespace spindle::trial
