#pragma once

// Engine: the compiler, its settings, and the memory that instances are made in. One per process;
// it is shared by every module and store and may be used from every thread.
//
// With the pooling allocator the slots for memories, tables, stacks and instances are reserved
// (address space, not memory) when the engine is made, so that an instance costs microseconds. How
// many slots follows from the machine: its memory, the control group's limit and the limit on
// address space. Where that much address space cannot be had, instances are allocated on demand;
// where even one reservation of 4 GiB per memory cannot be had, memories are small and may move.
//
// The engine owns one thread, the epoch ticker: every kEpochTick it raises the epoch, and running
// guests look whether their deadline has come (store.h says what happens then).

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spindle::wasm {

inline constexpr std::chrono::milliseconds kEpochTick{10};
inline constexpr std::string_view kEngineVersion = "50.0.1";

enum class Pooling : uint8_t {
  Auto,  // where the machine allows it
  On,    // an error where it does not
  Off,
};

enum class Ticker : uint8_t {
  Thread,
  Manual,  // tests call Engine::tick()
};

struct EngineOptions {
  Pooling pooling = Pooling::Auto;
  Ticker ticker = Ticker::Thread;
  // Components that can run at the same time; 0: from the machine's size. A component that is not
  // fused into one module takes up to kCoreInstancesPerComponent slots.
  uint32_t instances = 0;
  // The largest memory that an instance may have under pooling.
  uint64_t memory_bytes_max = uint64_t{4} << 30;
  uint32_t table_elements_max = 100'000;
  // How much of a memory (from its start) and of a table is reset by copying when an instance ends,
  // instead of giving the pages back: each page given back is a fault in the next request.
  uint64_t memory_keep_resident = uint64_t{64} << 10;
  uint64_t table_keep_resident = uint64_t{16} << 10;
  // Stack of guest code; an asynchronous call has a stack of stack_bytes, of which the host
  // functions that the guest calls get what guest code leaves.
  uint64_t guest_stack_bytes = uint64_t{1} << 20;
  uint64_t stack_bytes = uint64_t{2} << 20;
};

enum class Allocation : uint8_t { Pooled, OnDemand, Compact };
std::string_view to_string(Allocation allocation);

class Engine {
 public:
  static constexpr uint32_t kCoreInstancesPerComponent = 8;

  static Result<std::shared_ptr<const Engine>> create(const EngineOptions& options = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Allocation allocation() const;
  // Components that can run at the same time under pooling, 0 without it.
  uint32_t instances() const;
  // Raises the epoch, as the ticker does.
  void tick() const;
  // What compiled code depends on: the version and every setting that changes code.
  const std::string& fingerprint() const;

  struct Impl;
  Impl& impl() const { return *impl_; }

 private:
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace spindle::wasm
