#include "wit/syntax/lexer.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/utf8.h"
#include "wit/limits.h"

namespace spindle::wit {
namespace {

constexpr std::array<std::string_view, 48> kKeywords = {
    "as",       "async",         "bool",     "borrow",     "char",    "constructor",
    "enum",     "error-context", "export",   "f32",        "f64",     "flags",
    "from",     "func",          "future",   "import",     "include", "interface",
    "list",     "map",           "option",   "own",        "package", "record",
    "resource", "result",        "s16",      "s32",        "s64",     "s8",
    "static",   "stream",        "string",   "tuple",      "type",    "u16",
    "u32",      "u64",           "u8",       "use",        "variant", "with",
    "world",    "since",         "unstable", "deprecated", "version", "feature"};
// The last five are words of attributes only and may be names.
constexpr size_t kAttributeWords = 5;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_word_char(char c) {
  return is_digit(c) || is_lower(c) || is_upper(c) || c == '-';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Words of lower case or of upper case letters and digits, joined by single hyphens; the first
// begins with a letter.
bool is_label(std::string_view text) {
  bool first = true;
  for (;;) {
    size_t hyphen = text.find('-');
    std::string_view part = text.substr(0, hyphen);
    if (part.empty() || (first && is_digit(part[0]))) return false;
    if (std::ranges::any_of(part, is_lower) && std::ranges::any_of(part, is_upper)) return false;
    if (hyphen == std::string_view::npos) return true;
    text.remove_prefix(hyphen + 1);
    first = false;
  }
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view take_line(std::string_view& text) {
  size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

size_t block_comment_length(std::string_view text) {
  size_t depth = 0;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '/' && text[i + 1] == '*') {
      ++depth;
      ++i;
    } else if (text[i] == '*' && text[i + 1] == '/') {
      ++i;
      if (--depth == 0) return i + 1;
    }
  }
  return text.size();
}

void append_line(std::string& docs, std::string_view line) {
  if (!docs.empty()) docs += '\n';
  docs += line;
}

void append_block(std::string& docs, std::string_view block) {
  block.remove_prefix(std::min<size_t>(3, block.size()));
  if (block.ends_with("*/")) block.remove_suffix(2);
  block = trim(block);
  while (!block.empty()) {
    std::string_view line = trim(take_line(block));
    if (line == "*") line = {};
    if (line.starts_with("* ")) line.remove_prefix(2);
    append_line(docs, line);
  }
}

}  // namespace

bool is_keyword(std::string_view word) {
  auto end = kKeywords.end() - kAttributeWords;
  return std::find(kKeywords.begin(), end, word) != end;
}

std::string doc_text(std::string_view comments) {
  std::string docs;
  while (!comments.empty()) {
    if (comments.starts_with("/*")) {
      std::string_view block = comments.substr(0, block_comment_length(comments));
      comments.remove_prefix(block.size());
      if (block.starts_with("/**") && block.size() > 4) append_block(docs, block);
    } else if (comments.starts_with("//")) {
      std::string_view line = take_line(comments);
      if (!line.starts_with("///")) continue;
      line.remove_prefix(3);
      if (line.starts_with(' ')) line.remove_prefix(1);
      while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
      append_line(docs, line);
    } else {
      comments.remove_prefix(1);
    }
  }
  return docs;
}

Result<void> check_characters(const SourceMap& sources, uint32_t file) {
  std::string_view text = sources.text(file);
  if (!is_valid_utf8(text)) {
    return Error::invalid_input(fmt::format("{} is not valid UTF-8", sources.name(file)));
  }
  for (size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<uint8_t>(text[i]);
    Span span{file, static_cast<uint32_t>(i), static_cast<uint32_t>(i + 1)};
    if ((byte < 0x20 && !is_blank(text[i])) || byte == 0x7F) {
      return sources.error(span, fmt::format("control character U+{:04X} is not allowed", byte));
    }
    // U+202A to U+202E and U+2066 to U+2069 turn the direction of the text around.
    std::string_view three = text.substr(i, 3);
    bool embedding = three >= "\xE2\x80\xAA" && three <= "\xE2\x80\xAE" && three.size() == 3;
    bool isolate = three >= "\xE2\x81\xA6" && three <= "\xE2\x81\xA9" && three.size() == 3;
    if (embedding || isolate) {
      return sources.error(span, "a character that changes the direction of text is not allowed");
    }
  }
  return {};
}

Result<void> Lexer::skip_block_comment() {
  size_t begin = position_;
  size_t depth = 0;
  while (position_ < text_.size()) {
    std::string_view two = text_.substr(position_, 2);
    if (two == "/*") {
      ++depth;
      position_ += 2;
    } else if (two == "*/") {
      position_ += 2;
      if (--depth == 0) return {};
    } else {
      ++position_;
    }
  }
  return sources_->error(span(begin, begin + 2), "block comment is never closed");
}

Result<void> Lexer::skip_blanks(Token& token) {
  token.docs = span(position_, position_);
  bool has_docs = false;
  for (;;) {
    if (is_blank(at(position_))) {
      ++position_;
      continue;
    }
    std::string_view rest = text_.substr(position_);
    size_t begin = position_;
    if (rest.starts_with("//")) {
      position_ = std::min(text_.find('\n', position_), text_.size());
    } else if (rest.starts_with("/*")) {
      TRY(skip_block_comment());
    } else {
      return {};
    }
    if (!rest.starts_with("///") && !rest.starts_with("/**")) continue;
    if (!has_docs) token.docs.begin = static_cast<uint32_t>(begin);
    has_docs = true;
    token.docs.end = static_cast<uint32_t>(position_);
  }
}

Result<Token> Lexer::next() {
  Token token;
  TRY(skip_blanks(token));
  token.span = span(position_, position_);
  if (position_ == text_.size()) return token;
  char c = at(position_);
  if (c == '%' || is_lower(c) || is_upper(c)) return word(token);
  if (is_digit(c)) {
    token.kind = TokenKind::Integer;
    while (is_digit(at(position_))) ++position_;
  } else {
    return punctuation(token);
  }
  token.span.end = static_cast<uint32_t>(position_);
  token.text = text_.substr(token.span.begin, position_ - token.span.begin);
  return token;
}

Result<Token> Lexer::word(Token token) {
  size_t begin = position_;
  bool escaped = at(position_) == '%';
  if (escaped) ++position_;
  size_t text_begin = position_;
  while (is_word_char(at(position_))) ++position_;
  token.kind = escaped ? TokenKind::EscapedWord : TokenKind::Word;
  token.text = text_.substr(text_begin, position_ - text_begin);
  token.span = span(begin, position_);
  if (token.text.size() > kMaxNameLength) {
    return sources_->error(token.span, fmt::format("name of {} bytes, at most {} are allowed",
                                                   token.text.size(), kMaxNameLength));
  }
  if (!is_label(token.text)) {
    return sources_->error(token.span, fmt::format("`{}` is not a valid name", token.text),
                           "a name is made of words in lower or in upper case, joined by hyphens");
  }
  return token;
}

Result<Token> Lexer::punctuation(Token token) {
  constexpr std::string_view kSingle = ":;,.{}()<>=/@*_+";
  size_t length = text_.substr(position_).starts_with("->") ? 2 : 1;
  if (length == 1 && kSingle.find(at(position_)) == std::string_view::npos) {
    return unexpected_character();
  }
  token.kind = TokenKind::Punctuation;
  token.text = text_.substr(position_, length);
  position_ += length;
  token.span.end = static_cast<uint32_t>(position_);
  return token;
}

Error Lexer::unexpected_character() const {
  size_t end = position_ + 1;
  while (end < text_.size() && (static_cast<uint8_t>(text_[end]) & 0xC0) == 0x80) ++end;
  return sources_->error(
      span(position_, end),
      fmt::format("unexpected character `{}`", text_.substr(position_, end - position_)));
}

Result<Token> Lexer::next_version() {
  Token token;
  TRY(skip_blanks(token));
  size_t begin = position_;
  auto continues = [this] {
    char c = at(position_);
    if (c == '.') return is_word_char(at(position_ + 1));
    return is_word_char(c) || c == '+';
  };
  while (continues()) ++position_;
  token.kind = TokenKind::Word;
  token.text = text_.substr(begin, position_ - begin);
  token.span = span(begin, std::max(begin + 1, position_));
  return token;
}

}  // namespace spindle::wit
