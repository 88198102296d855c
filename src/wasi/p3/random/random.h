#pragma once

// wasi:random@0.3: random, insecure, insecure-seed.
//
// Works:   every function, all from the kernel's generator. More than kRandomBytesMax in one call
//          brings kRandomBytesMax, as the interface permits.

#include "bindings/wasi/random_0_3/insecure.h"
#include "bindings/wasi/random_0_3/insecure_seed.h"
#include "bindings/wasi/random_0_3/random.h"
#include "wasi/core/random.h"

namespace spindle::wasi::p3 {

class RandomHost final : public bindings::wasi::random_0_3::random::Host {
 public:
  explicit RandomHost(Random& random) : random_(random) {}
  Result<std::vector<uint8_t>> get_random_bytes(uint64_t max_len) override;
  Result<uint64_t> get_random_u64() override;

 private:
  Random& random_;
};

class InsecureRandomHost final : public bindings::wasi::random_0_3::insecure::Host {
 public:
  explicit InsecureRandomHost(Random& random) : random_(random) {}
  Result<std::vector<uint8_t>> get_insecure_random_bytes(uint64_t max_len) override;
  Result<uint64_t> get_insecure_random_u64() override;

 private:
  Random& random_;
};

class InsecureSeedHost final : public bindings::wasi::random_0_3::insecure_seed::Host {
 public:
  explicit InsecureSeedHost(Random& random) : random_(random) {}
  Result<std::tuple<uint64_t, uint64_t>> get_insecure_seed() override;

 private:
  Random& random_;
};

}  // namespace spindle::wasi::p3
