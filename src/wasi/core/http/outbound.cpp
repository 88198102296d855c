#include "wasi/core/http/outbound.h"

#include <algorithm>

namespace spindle::wasi {

namespace {

http::Timeouts::Duration bounded(std::optional<uint64_t> nanoseconds,
                                 http::Timeouts::Duration fallback) {
  constexpr http::Timeouts::Duration kLongest = std::chrono::hours(24 * 30);
  if (!nanoseconds) return fallback;
  const auto most = static_cast<uint64_t>(kLongest.count());
  return http::Timeouts::Duration(static_cast<int64_t>(std::min(*nanoseconds, most)));
}

}  // namespace

http::Timeouts client_timeouts(const RequestTimeouts& timeouts) {
  const http::Timeouts fallback;
  return {.connect = bounded(timeouts.connect, fallback.connect),
          .first_byte = bounded(timeouts.first_byte, fallback.first_byte),
          .between_bytes = bounded(timeouts.between_bytes, fallback.between_bytes)};
}

}  // namespace spindle::wasi
