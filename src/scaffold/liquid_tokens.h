#pragma once

// The two lower levels of Liquid: a text cut into text, `{{ outputs }}` and `{% tags %}`, with
// whitespace control applied; and the words inside of a tag.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spindle::scaffold {

struct LiquidSegment {
  enum class Kind : uint8_t { Text, Output, Tag };
  Kind kind = Kind::Text;
  std::string_view text;  // what is between the braces
  size_t line = 1;
};

// Comments and raw texts are done: the first are gone, the second are Text. The segments point into
// `text`.
Result<std::vector<LiquidSegment>> cut_liquid(std::string_view text);

struct LiquidToken {
  enum class Kind : uint8_t { Name, Text, Number, Symbol, End };
  Kind kind = Kind::End;
  std::string text;
};

// Names, quoted texts, whole numbers, and `|` `:` `,` `=` `==` `!=` `<>` `<` `>` `<=` `>=` `.` `[`
// `]`. An End closes the list.
Result<std::vector<LiquidToken>> liquid_tokens(std::string_view tag);

}  // namespace spindle::scaffold
