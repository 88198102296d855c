#pragma once

// The .env format: lines of KEY=VALUE, blank lines, comments, an optional `export`. A value may be
// bare (ends at " #"), in single quotes (literal) or in double quotes (\n, \r, \t, \\, \", \$ and
// line breaks). Variables inside values ($NAME) are not expanded: it would let a file read the
// environment of the server. Of equal keys the first one wins.

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spindle::app {

constexpr size_t kMaxDotenvBytes = size_t{1} << 20;

using DotenvValues = std::map<std::string, std::string, std::less<>>;

// `name` is the file's, for messages.
Result<DotenvValues> parse_dotenv(std::string_view text, std::string_view name);

}  // namespace spindle::app
