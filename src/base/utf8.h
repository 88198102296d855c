#pragma once

// UTF-8 validation as Unicode and the component model define it: no overlong forms, no surrogates,
// nothing above U+10FFFF.

#include <string_view>

namespace spindle {

bool is_valid_utf8(std::string_view text);

}  // namespace spindle
