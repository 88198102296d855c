#pragma once

// Template: text with `{{ name }}` in it, as in component variables and allowed hosts. The name is
// trimmed and must be a variable key; "{{" without "}}" is an error; a lone "}}" is text; there is
// no escape. Parsed once, expanded as often as values may have changed.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spindle::app {

class Template {
 public:
  static Result<Template> parse(std::string_view text);

  bool is_literal() const { return variables_.empty(); }
  // The names in it, in order, repeated where the text repeats them.
  const std::vector<std::string>& variables() const { return variables_; }
  // `value_of` is asked for every name in order.
  std::string expand(const std::function<std::string(std::string_view)>& value_of) const;

 private:
  // literals_[0] variables_[0] literals_[1] ... : one more literal than variables.
  std::vector<std::string> literals_;
  std::vector<std::string> variables_;
};

}  // namespace spindle::app
