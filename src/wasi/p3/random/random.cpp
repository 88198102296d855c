#include "wasi/p3/random/random.h"

namespace spindle::wasi::p3 {

Result<std::vector<uint8_t>> RandomHost::get_random_bytes(uint64_t max_len) {
  return random_bytes_up_to(random_, max_len);
}

Result<uint64_t> RandomHost::get_random_u64() {
  return random_u64(random_);
}

Result<std::vector<uint8_t>> InsecureRandomHost::get_insecure_random_bytes(uint64_t max_len) {
  return random_bytes_up_to(random_, max_len);
}

Result<uint64_t> InsecureRandomHost::get_insecure_random_u64() {
  return random_u64(random_);
}

Result<std::tuple<uint64_t, uint64_t>> InsecureSeedHost::get_insecure_seed() {
  auto first = TRY(random_u64(random_));
  auto second = TRY(random_u64(random_));
  return std::tuple(first, second);
}

}  // namespace spindle::wasi::p3
