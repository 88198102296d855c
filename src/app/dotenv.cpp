#include "app/dotenv.h"

#include <algorithm>

#include "fmt/format.h"

namespace spindle::app {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  Result<DotenvValues> run() {
    if (text_.starts_with("\xef\xbb\xbf")) position_ = 3;
    while (true) {
      skip([](char c) { return is_blank(c) || c == '\n'; });
      if (at_end()) return std::move(values_);
      if (text_[position_] == '#') {
        skip_line();
      } else {
        TRY(entry());
      }
    }
  }

 private:
  Result<void> entry() {
    std::string_view key = word();
    if (key == "export" && !at_end() && is_blank(text_[position_])) {
      skip(is_blank);
      key = word();
    }
    skip(is_blank);
    if (key.empty() || at_end() || text_[position_] != '=') return error("expected KEY=VALUE");
    ++position_;
    skip(is_blank);
    std::string value;
    char first = at_end() ? '\n' : text_[position_];
    if (first == '\'' || first == '"') {
      value = TRY(quoted(first));
      skip(is_blank);
      if (!at_end() && text_[position_] != '\n' && text_[position_] != '#')
        return error("expected the end of the line after the closing quote");
      skip_line();
    } else {
      value = bare();
    }
    values_.emplace(std::string(key), std::move(value));
    return {};
  }

  std::string_view word() {
    size_t start = position_;
    skip(is_key_char);
    return text_.substr(start, position_ - start);
  }

  std::string bare() {
    size_t start = position_;
    skip_line();
    std::string_view line = text_.substr(start, position_ - start);
    for (size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '#' && (i == 0 || is_blank(line[i - 1]))) line = line.substr(0, i);
    }
    while (!line.empty() && (is_blank(line.back()) || line.back() == '\n')) line.remove_suffix(1);
    return std::string(line);
  }

  Result<std::string> quoted(char quote) {
    std::string value;
    for (++position_; !at_end(); ++position_) {
      char c = text_[position_];
      if (c == quote) {
        ++position_;
        return value;
      }
      if (c == '\\' && quote == '"' && position_ + 1 < text_.size()) {
        c = text_[++position_];
        constexpr std::string_view kEscaped = "nrt\\\"$'";
        constexpr std::string_view kMeaning = "\n\r\t\\\"$'";
        size_t index = kEscaped.find(c);
        if (index == std::string_view::npos)
          return error(fmt::format("unknown escape \"\\{}\"", c));
        c = kMeaning[index];
      }
      value += c;
    }
    return error("a quoted value does not end");
  }

  template <typename Predicate>
  void skip(Predicate predicate) {
    while (!at_end() && predicate(text_[position_])) ++position_;
  }
  void skip_line() { position_ = std::min(text_.find('\n', position_), text_.size()); }
  bool at_end() const { return position_ >= text_.size(); }
  // Never shows the line: it may hold a secret.
  Error error(std::string_view message) const {
    auto line = 1 + std::ranges::count(text_.substr(0, position_), '\n');
    return Error::invalid_input(fmt::format("{}:{}: {}", name_, line, message));
  }

  std::string_view text_;
  std::string_view name_;
  size_t position_ = 0;
  DotenvValues values_;
};

}  // namespace

Result<DotenvValues> parse_dotenv(std::string_view text, std::string_view name) {
  return Parser(text, name).run();
}

}  // namespace spindle::app
