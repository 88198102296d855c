#pragma once

// Standard base64 without padding, as the locked app writes bytes in place.

#include <optional>
#include <string>
#include <string_view>

namespace spindle::app {

std::string encode_base64(std::string_view bytes);
// Padding is accepted; nothing if the text is malformed.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace spindle::app
