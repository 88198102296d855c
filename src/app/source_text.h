#pragma once

// SourceText: a text file with its name, able to point into itself. Every error about a manifest or
// a runtime configuration is made here, so that all of them look alike:
//
//   unknown key `sorce`
//    --> spin.toml:8:1
//     |
//   8 | sorce = "cart.wasm"
//     | ^^^^^
//     = help: did you mean `source`?
//
// Columns count code points from 1. Control characters in the excerpt are replaced, long lines are
// cut around the caret.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "app/value.h"
#include "base/result.h"

namespace spindle::app {

class SourceText {
 public:
  SourceText(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {}

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }

  // An InvalidInput error at a position; an unknown position gives the bare message and the file.
  Error error(Position at, std::string_view message, std::string_view help = {}) const;
  // The `--> file:line:column` block alone, without a newline at its end.
  std::string excerpt(Position at) const;

 private:
  std::string_view line(uint32_t number) const;

  std::string name_;
  std::string text_;
};

using SourceTextPointer = std::shared_ptr<const SourceText>;

// The candidate that a misspelt word most probably meant; empty if none is near.
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates);
// "did you mean `source`?", or what is allowed: "expected one of `a`, `b`".
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace spindle::app
