#pragma once

// Dates in headers: RFC 9110, 5.6.7. Written in the preferred form, read in that and in the two
// obsolete ones. Seconds since 1970, UTC.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spindle::static_files {

// `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string format_http_date(int64_t seconds);
// Nothing for what is none.
std::optional<int64_t> parse_http_date(std::string_view text);

}  // namespace spindle::static_files
