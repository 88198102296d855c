#include "base/verify.h"

#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>

namespace spindle {

void verify_failed(std::string_view condition, std::string_view detail, std::source_location at) {
  fmt::print(stderr, "spindle: internal error: {}:{}: `{}` does not hold{}{}\n", at.file_name(),
             at.line(), condition, detail.empty() ? "" : ": ", detail);
  std::abort();
}

}  // namespace spindle
