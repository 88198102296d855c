#pragma once

// wasi:random@0.2: random, insecure, insecure-seed.
//
// Works:   every function, all from the kernel's generator.
// Refused: more than kRandomBytesMax in one call traps.

#include "bindings/wasi/random_0_2/insecure.h"
#include "bindings/wasi/random_0_2/insecure_seed.h"
#include "bindings/wasi/random_0_2/random.h"
#include "wasi/core/random.h"

namespace spindle::wasi::p2 {

class RandomHost final : public bindings::wasi::random_0_2::random::Host {
 public:
  explicit RandomHost(Random& random) : random_(random) {}
  Result<std::vector<uint8_t>> get_random_bytes(uint64_t len) override;
  Result<uint64_t> get_random_u64() override;

 private:
  Random& random_;
};

class InsecureRandomHost final : public bindings::wasi::random_0_2::insecure::Host {
 public:
  explicit InsecureRandomHost(Random& random) : random_(random) {}
  Result<std::vector<uint8_t>> get_insecure_random_bytes(uint64_t len) override;
  Result<uint64_t> get_insecure_random_u64() override;

 private:
  Random& random_;
};

class InsecureSeedHost final : public bindings::wasi::random_0_2::insecure_seed::Host {
 public:
  explicit InsecureSeedHost(Random& random) : random_(random) {}
  Result<std::tuple<uint64_t, uint64_t>> insecure_seed() override;

 private:
  Random& random_;
};

}  // namespace spindle::wasi::p2
