#pragma once

// What this program calls itself: `spindle 0.1.0`.

#include <string_view>

namespace spindle::cli {

constexpr std::string_view version_text() {
  return "spindle 0.1.0";
}

}  // namespace spindle::cli
