#include "app/toml.h"

#include <algorithm>
#include <sstream>

#include "base/utf8.h"
#include "fmt/format.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 1
#define TOML_MAX_NESTED_VALUES 32
#include "toml++/toml.h"

namespace spindle::app {
namespace {

Position to_position(const toml::source_position& position) {
  return {static_cast<uint32_t>(position.line), static_cast<uint32_t>(position.column)};
}

// Finds dotted keys that are too deep; the parser itself would recurse once per part. It knows just
// enough of TOML to step over strings and comments.
class KeyDepthCheck {
 public:
  explicit KeyDepthCheck(const SourceText& source) : source_(source), text_(source.text()) {}

  Result<void> run() {
    while (position_ < text_.size()) {
      char c = text_[position_];
      if (c == '#') {
        position_ = std::min(text_.find('\n', position_), text_.size());
      } else if (c == '"' || c == '\'') {
        skip_string(c);
      } else {
        TRY(count(c));
        ++position_;
      }
    }
    return {};
  }

 private:
  Result<void> count(char c) {
    if (c == '\n') ++line_;
    if (c == '.') {
      if (++dots_ < kMaxTomlKeyDepth) return {};
      return source_.error({line_, 1},
                           fmt::format("a key has more than {} dotted parts", kMaxTomlKeyDepth));
    }
    bool in_key = c == ' ' || c == '\t' || c == '_' || c == '-' || (c >= '0' && c <= '9') ||
                  (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!in_key) dots_ = 0;
    return {};
  }

  void skip_string(char quote) {
    bool multi_line = text_.substr(position_, 3) == std::string(3, quote);
    size_t length = multi_line ? 3 : 1;
    std::string end(length, quote);
    position_ += length;
    while (position_ < text_.size() && text_.substr(position_, length) != end) {
      if (text_[position_] == '\n') {
        if (!multi_line) return;
        ++line_;
      }
      position_ += quote == '"' && text_[position_] == '\\' ? 2 : 1;
    }
    position_ = std::min(position_ + length, text_.size());
  }

  const SourceText& source_;
  std::string_view text_;
  size_t position_ = 0;
  size_t dots_ = 0;
  uint32_t line_ = 1;
};

Value convert(const toml::node& node);

template <typename T>
std::string print(const T& value) {
  std::ostringstream out;
  out << value;
  return std::move(out).str();
}

Table convert_table(const toml::table& source) {
  std::vector<std::pair<const toml::key*, const toml::node*>> entries;
  for (const auto& [key, node] : source) entries.emplace_back(&key, &node);
  std::ranges::stable_sort(
      entries, {}, [](const auto& entry) { return to_position(entry.first->source().begin); });
  Table table;
  for (auto [key, node] : entries)
    table.append(std::string(key->str()), convert(*node), to_position(key->source().begin));
  return table;
}

Value convert_plain(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return Value(convert_table(*node.as_table()));
    case toml::node_type::array: {
      Array array;
      for (const toml::node& item : *node.as_array()) array.push_back(convert(item));
      return Value(std::move(array));
    }
    case toml::node_type::string: return Value(node.as_string()->get());
    case toml::node_type::integer: return Value(int64_t{node.as_integer()->get()});
    case toml::node_type::floating_point: return Value(node.as_floating_point()->get());
    case toml::node_type::boolean: return Value(node.as_boolean()->get());
    case toml::node_type::date: return Value(print(node.as_date()->get()));
    case toml::node_type::time: return Value(print(node.as_time()->get()));
    case toml::node_type::date_time: return Value(print(node.as_date_time()->get()));
    case toml::node_type::none: break;
  }
  return {};
}

Value convert(const toml::node& node) {
  Value value = convert_plain(node);
  value.at = to_position(node.source().begin);
  return value;
}

// The parser's messages are sentences; ours begin in lower case and have no full stop.
std::string house_message(std::string_view description) {
  std::string text = "invalid TOML: ";
  for (char c : description) text += c == '\n' || c == '\r' ? ' ' : c;
  while (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

Result<Table> parse_toml(const SourceText& source) {
  if (source.text().size() > kMaxTomlBytes)
    return Error::limit_exceeded(fmt::format("{} has {} bytes, more than the limit of {}",
                                             source.name(), source.text().size(), kMaxTomlBytes));
  if (!is_valid_utf8(source.text()))
    return Error::invalid_input(fmt::format("{} is not valid UTF-8", source.name()));
  TRY(KeyDepthCheck(source).run());
  toml::parse_result parsed = toml::parse(std::string_view(source.text()));
  if (!parsed)
    return source.error(to_position(parsed.error().source().begin),
                        house_message(parsed.error().description()));
  return convert_table(parsed.table());
}

}  // namespace spindle::app
