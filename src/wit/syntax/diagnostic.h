#pragma once

// Positions in WIT text and errors that point at them, in the style of the Rust compiler:
//
//   error: expected `;`, found `}`
//    --> world.wit:3:15
//     |
//   3 |   foo: func() }
//     |               ^
//     = help: a function ends with a semicolon
//
// A SourceMap owns every text that one load reads; a Span is a range in one of them. Parser and
// resolver make errors with SourceMap::error, so that the text is at hand where the message is
// made.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spindle::wit {

struct Span {
  uint32_t file = 0;
  uint32_t begin = 0;
  uint32_t end = 0;
};

struct Diagnostic {
  std::string message;
  std::string file;
  uint32_t line = 1;    // from 1
  uint32_t column = 1;  // from 1, in code points
  uint32_t length = 1;  // of the marked text on that line, in code points
  std::string excerpt;  // the line
  std::string help;     // may be empty

  // `error: ...` with file, excerpt and caret.
  std::string render() const;
  // `world.wit:3:15: expected ...`, on one line.
  std::string plain() const;
  // The rendered text without `error: `, since whoever prints an Error writes that word.
  Error to_error() const;
};

class SourceMap {
 public:
  uint32_t add(std::string name, std::string text);
  const std::string& name(uint32_t file) const { return sources_.at(file).name; }
  const std::string& text(uint32_t file) const { return sources_.at(file).text; }

  Diagnostic diagnostic(Span span, std::string message, std::string help = {}) const;
  Error error(Span span, std::string message, std::string help = {}) const {
    return diagnostic(span, std::move(message), std::move(help)).to_error();
  }
  // `world.wit:3:15`
  std::string position(Span span) const;

 private:
  struct Source {
    std::string name;
    std::string text;
  };
  std::vector<Source> sources_;
};

// The candidate most like `name` when it is near enough to be a slip, else empty.
std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& among);
// "did you mean `x`?", or empty.
std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& among);

}  // namespace spindle::wit
