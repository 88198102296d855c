#pragma once

// Questions on the terminal: asked on standard error, answered on standard input.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spindle::cli {

// Whether somebody can be asked.
bool is_interactive();

// One line. Canceled where the input ends.
Result<std::string> ask_line(std::string_view question);
// False for anything but `y` and `yes`.
Result<bool> ask_yes(std::string_view question);

}  // namespace spindle::cli
