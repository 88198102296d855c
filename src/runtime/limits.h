#pragma once

// What one instance of a component may use. Every limit has a default here and a flag of `up`.

#include <chrono>
#include <cstdint>

namespace spindle::runtime {

struct InstanceLimits {
  // Linear memory; growing beyond it fails as WebAssembly has it: memory.grow gives -1.
  uint64_t memory_bytes = uint64_t{512} << 20;
  // Time on the processor, counted in ticks of the engine. Waiting is free.
  std::chrono::milliseconds cpu_time{10'000};
  uint32_t table_elements = 100'000;
  uint32_t handles = 100'000;
};

}  // namespace spindle::runtime
