#pragma once

// Percent-decoding of paths, as RFC 3986 has it. Malformed escapes decode to nothing: guessing what
// was meant is how checks of paths are passed by.

#include <optional>
#include <string>
#include <string_view>

namespace spindle::http {

// The bytes that `text` stands for; they may hold anything. `+` stands for itself.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace spindle::http
