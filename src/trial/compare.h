#pragma once

// What was expected beside what came, as text that people read: a line for what is short, a
// comparison line by line for what is long. Empty where nothing differs.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "trial/transcript.h"

namespace spindle::trial {

// In quotes, control characters escaped; bytes that are no UTF-8 as \xNN.
std::string shown(std::string_view text);
// Each line but the first begins with so many blanks.
std::string indent(std::string_view text, size_t blanks);

// `what: expected "a", got "b"`, or a comparison.
std::string difference(std::string_view what, std::string_view expected, std::string_view got);
std::string difference(std::string_view what, const app::Value& expected, const app::Value& got);

// A line for each thing that differs.
std::vector<std::string> compare_message(const MessageShape& shape, http::HeaderView headers,
                                         const std::string& body);

}  // namespace spindle::trial
