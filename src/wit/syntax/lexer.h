#pragma once

// The tokens of WIT. The lexer works on demand and is copied to look ahead; its state is a
// position. Words that are keywords come out as Word like any other: the parser knows where each
// means what. Comments are skipped, doc comments (`///`, `/** */`) are kept on the token that
// follows.

#include <cstdint>
#include <string>
#include <string_view>

#include "wit/syntax/diagnostic.h"

namespace spindle::wit {

enum class TokenKind : uint8_t { End, Word, EscapedWord, Integer, Punctuation };

struct Token {
  TokenKind kind = TokenKind::End;
  // A word without its `%`, an integer, or one of : ; , . { } ( ) < > = / @ * _ ->
  std::string_view text;
  Span span;
  // Where the doc comments before it are; begin == end when there are none.
  Span docs;

  bool is(std::string_view punctuation) const {
    return kind == TokenKind::Punctuation && text == punctuation;
  }
  bool is_word(std::string_view word) const { return kind == TokenKind::Word && text == word; }
};

class Lexer {
 public:
  Lexer(const SourceMap& sources, uint32_t file)
      : sources_(&sources), text_(sources.text(file)), file_(file) {}

  Result<Token> next();
  // The text of a version, which starts here: `0.2.0` of `0.2.0.{streams}`.
  Result<Token> next_version();

 private:
  Result<void> skip_blanks(Token& token);
  Result<void> skip_block_comment();
  Result<Token> word(Token token);
  Result<Token> punctuation(Token token);
  Error unexpected_character() const;
  char at(size_t position) const { return position < text_.size() ? text_[position] : '\0'; }
  Span span(size_t begin, size_t end) const {
    return {file_, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  }

  const SourceMap* sources_;
  std::string_view text_;
  uint32_t file_;
  size_t position_ = 0;
};

// WIT's keywords, which need a `%` to be names.
bool is_keyword(std::string_view word);

// Whether a text may be read at all: UTF-8, without control characters or marks that make text look
// other than it is.
Result<void> check_characters(const SourceMap& sources, uint32_t file);

// The text of the doc comments in a range, without their marks.
std::string doc_text(std::string_view comments);

}  // namespace spindle::wit
