#pragma once

// RequestTimeouts: what request-options of wasi:http hold, in nanoseconds.

#include <cstdint>
#include <optional>

namespace spindle::wasi {

struct RequestTimeouts {
  std::optional<uint64_t> connect;
  std::optional<uint64_t> first_byte;
  std::optional<uint64_t> between_bytes;
};

}  // namespace spindle::wasi
