#include "wasi/core/random.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>

#include <fmt/format.h>

namespace spindle::wasi {

Result<void> SystemRandom::fill(std::span<uint8_t> bytes) {
  while (!bytes.empty()) {
    ssize_t count = getrandom(bytes.data(), bytes.size(), 0);
    if (count < 0) {
      if (errno == EINTR) continue;
      return Error::from_errno(errno, "reading random bytes");
    }
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return {};
}

// SplitMix64.
Result<void> SeededRandom::fill(std::span<uint8_t> bytes) {
  while (!bytes.empty()) {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t word = state_;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
    word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
    word ^= word >> 31;
    auto part = std::bit_cast<std::array<uint8_t, 8>>(word);
    auto count = std::min(part.size(), bytes.size());
    std::copy_n(part.begin(), count, bytes.begin());
    bytes = bytes.subspan(count);
  }
  return {};
}

Result<std::vector<uint8_t>> random_bytes(Random& random, uint64_t length) {
  if (length > kRandomBytesMax) {
    return Error::trap(fmt::format("asked for {} random bytes, at most {} are permitted", length,
                                   kRandomBytesMax));
  }
  std::vector<uint8_t> bytes(length);
  TRY(random.fill(bytes));
  return bytes;
}

Result<std::vector<uint8_t>> random_bytes_up_to(Random& random, uint64_t length_max) {
  return random_bytes(random, std::min(length_max, kRandomBytesMax));
}

Result<uint64_t> random_u64(Random& random) {
  std::array<uint8_t, 8> bytes{};
  TRY(random.fill(bytes));
  return std::bit_cast<uint64_t>(bytes);
}

}  // namespace spindle::wasi
