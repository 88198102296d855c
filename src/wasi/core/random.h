#pragma once

// Randomness for guests. SystemRandom asks the kernel and may be shared between threads; tests pass
// SeededRandom, whose bytes follow from a seed that they print.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace spindle::wasi {

// The most bytes that one call returns. Asking for more is a trap where the caller must get what
// it asks for, and brings less where it may.
inline constexpr uint64_t kRandomBytesMax = uint64_t{64} * 1024 * 1024;

class Random {
 public:
  virtual ~Random() = default;
  virtual Result<void> fill(std::span<uint8_t> bytes) = 0;
};

class SystemRandom final : public Random {
 public:
  Result<void> fill(std::span<uint8_t> bytes) override;
};

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  Result<void> fill(std::span<uint8_t> bytes) override;

 private:
  uint64_t state_;
};

Result<std::vector<uint8_t>> random_bytes(Random& random, uint64_t length);
Result<std::vector<uint8_t>> random_bytes_up_to(Random& random, uint64_t length_max);
Result<uint64_t> random_u64(Random& random);

}  // namespace spindle::wasi
