#pragma once

// Glob: a shell pattern over slash-separated paths. `?` one character, `*` any run, `[abc]` `[a-z]`
// `[!a]` classes, `**` as a whole part any number of parts. Hidden files match like others. There
// is no escape character; a special character is written as a class, `[*]`.
//
// Matching follows all alternatives at once, so its time is pattern length times path length,
// whatever the pattern.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spindle::app {

class Glob {
 public:
  static Result<Glob> parse(std::string_view pattern);

  // Whether `*`, `?` and classes may stand for '/', too: they do for exclusions.
  enum class Slash : uint8_t { Separate, MatchedByWildcards };
  bool matches(std::string_view path, Slash slash = Slash::Separate) const;

  // The leading parts without special characters: "a/b" of "a/b/*.txt".
  const std::string& literal_prefix() const { return literal_prefix_; }

 private:
  struct Step {
    enum class Kind : uint8_t { Literal, AnyOne, AnyRun, AnyParts, Class };
    Kind kind = Kind::Literal;
    char literal = 0;
    std::array<uint64_t, 4> set{};  // bytes of a class
  };
  static Result<size_t> parse_class(std::string_view pattern, size_t start, Step& step);
  static bool accepts(const Step& step, char c, Slash slash);

  std::vector<Step> steps_;
  std::string literal_prefix_;
};

bool has_glob_characters(std::string_view text);

}  // namespace spindle::app
