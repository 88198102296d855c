#pragma once

// VERIFY(condition): stops the process when one of our own invariants is broken. It is on in every
// build, and never used for what input or a guest may cause.

#include <source_location>
#include <string_view>

namespace spindle {

[[noreturn]] void verify_failed(std::string_view condition, std::string_view detail,
                                std::source_location at);

}  // namespace spindle

#define VERIFY(condition)                                                        \
  do {                                                                           \
    if (!(condition)) [[unlikely]]                                               \
      ::spindle::verify_failed(#condition, {}, std::source_location::current()); \
  } while (false)
