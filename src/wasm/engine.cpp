#include "wasm/engine.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <stop_token>

#include <fmt/format.h>

#include "wasm/api_impl.h"

namespace spindle::wasm {

namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kGiB = uint64_t{1} << 30;

// What one concurrent component is expected to use, to derive how many fit the machine.
constexpr uint64_t kMemoryPerInstance = 4 * kMiB;
constexpr uint32_t kInstancesMin = 64;
// Active slots are several mappings each, and Linux allows 65,530 a process by default.
// Each has a stack whose guard page costs a system call when the engine is made.
constexpr uint32_t kInstancesMax = 1024;
constexpr uint32_t kMemoriesPerInstance = 2;
constexpr uint32_t kTablesPerInstance = 3;
constexpr uint32_t kPerModuleMax = 64;
constexpr uint64_t kInstanceStateMax = 16 * kMiB;
constexpr uint64_t kReservation = 4 * kGiB;
constexpr uint64_t kGuard = 32 * kMiB;
// Beyond the pools: the program itself, code, heaps.
constexpr uint64_t kAddressSpaceMargin = 16 * kGiB;

#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
constexpr bool kHasWideAddressSpace = false;
#else
constexpr bool kHasWideAddressSpace = true;
#endif

// The memory that this process may use: the machine's, or less by its control group.
uint64_t memory_bytes() {
  uint64_t bytes =
      static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    uint64_t limit = 0;
    if (std::ifstream(path) >> limit && limit > 0) bytes = std::min(bytes, limit);
  }
  return bytes;
}

bool has_address_space(uint64_t bytes) {
  if (!kHasWideAddressSpace && bytes > 64 * kGiB) return false;
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      limit.rlim_cur < bytes + kAddressSpaceMargin) {
    return false;
  }
  void* probe = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (probe == MAP_FAILED) return false;
  munmap(probe, bytes);
  return true;
}

uint64_t pool_bytes(const EngineOptions& options, uint32_t instances) {
  uint64_t memory = std::max(kReservation, options.memory_bytes_max) + kGuard;
  // Exceptions of guests live in a heap of their own, one for each component that has any.
  constexpr uint64_t kHeaps = 1;
  uint64_t tables = uint64_t{kTablesPerInstance} * options.table_elements_max * 16;
  return instances * ((kMemoriesPerInstance + kHeaps) * memory + tables + options.stack_bytes) +
         kGiB;
}

// Nothing when pooling is off or does not fit. Fewer slots are better than none.
std::optional<uint32_t> pooled_instances(const EngineOptions& options) {
  if (options.pooling == Pooling::Off) return std::nullopt;
  uint64_t wanted = options.instances;
  if (wanted == 0) {
    wanted =
        std::clamp<uint64_t>(memory_bytes() / kMemoryPerInstance, kInstancesMin, kInstancesMax);
  }
  uint32_t least = options.instances ? options.instances : kInstancesMin;
  for (auto count = static_cast<uint32_t>(wanted); count >= least; count /= 2) {
    if (has_address_space(pool_bytes(options, count))) return count;
  }
  return std::nullopt;
}

void set_features(wasm_config_t* config) {
  wasmtime_config_wasm_bulk_memory_set(config, true);
  wasmtime_config_wasm_multi_value_set(config, true);
  wasmtime_config_wasm_simd_set(config, true);
  wasmtime_config_wasm_tail_call_set(config, true);
  wasmtime_config_wasm_multi_memory_set(config, true);
  wasmtime_config_wasm_memory64_set(config, true);
  wasmtime_config_wasm_reference_types_set(config, true);
  wasmtime_config_wasm_function_references_set(config, true);
  wasmtime_config_wasm_exceptions_set(config, true);
  wasmtime_config_wasm_gc_set(config, true);
  // Atomic instructions are harmless; memories shared between threads are refused.
  wasmtime_config_wasm_threads_set(config, true);
  wasmtime_config_shared_memory_set(config, false);
  // The engine's own component model is not used.
  wasmtime_config_concurrency_support_set(config, false);
}

void set_code_generation(wasm_config_t* config, const EngineOptions& options) {
  wasmtime_config_strategy_set(config, WASMTIME_STRATEGY_CRANELIFT);
  wasmtime_config_cranelift_opt_level_set(config, WASMTIME_OPT_LEVEL_SPEED);
  wasmtime_config_parallel_compilation_set(config, true);
  wasmtime_config_epoch_interruption_set(config, true);
  wasmtime_config_native_unwind_info_set(config, true);
  wasmtime_config_debug_info_set(config, false);
  wasmtime_config_memory_init_cow_set(config, true);
  wasmtime_config_max_wasm_stack_set(config, options.guest_stack_bytes);
  wasmtime_config_async_stack_size_set(config, options.stack_bytes);
}

void set_pooling(wasm_config_t* config, const EngineOptions& options, uint32_t instances) {
  auto* pool = wasmtime_pooling_allocation_config_new();
  wasmtime_pooling_allocation_config_total_core_instances_set(
      pool, instances * Engine::kCoreInstancesPerComponent);
  wasmtime_pooling_allocation_config_total_memories_set(pool, instances * kMemoriesPerInstance);
  wasmtime_pooling_allocation_config_total_tables_set(pool, instances * kTablesPerInstance);
  wasmtime_pooling_allocation_config_total_stacks_set(pool, instances);
  wasmtime_pooling_allocation_config_total_gc_heaps_set(pool, instances);
  wasmtime_pooling_allocation_config_total_component_instances_set(pool, 0);
  wasmtime_pooling_allocation_config_max_core_instance_size_set(pool, kInstanceStateMax);
  wasmtime_pooling_allocation_config_max_memories_per_module_set(
      pool, std::min(kPerModuleMax, instances * kMemoriesPerInstance));
  wasmtime_pooling_allocation_config_max_tables_per_module_set(
      pool, std::min(kPerModuleMax, instances * kTablesPerInstance));
  wasmtime_pooling_allocation_config_max_memory_size_set(pool, options.memory_bytes_max);
  wasmtime_pooling_allocation_config_table_elements_set(pool, options.table_elements_max);
  wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(pool,
                                                                     options.memory_keep_resident);
  wasmtime_pooling_allocation_config_table_keep_resident_set(pool, options.table_keep_resident);
  wasmtime_pooling_allocation_strategy_set(config, pool);
  wasmtime_pooling_allocation_config_delete(pool);
}

void set_memory(wasm_config_t* config, Allocation allocation) {
  if (allocation == Allocation::Compact) {
    wasmtime_config_memory_reservation_set(config, 0);
    wasmtime_config_memory_reservation_for_growth_set(config, kMiB);
    wasmtime_config_memory_guard_size_set(config, 64 * 1024);
    wasmtime_config_memory_may_move_set(config, true);
    return;
  }
  wasmtime_config_memory_reservation_set(config, kReservation);
  wasmtime_config_memory_guard_size_set(config, kGuard);
  wasmtime_config_memory_may_move_set(config, false);
}

void run_ticker(const wasm_engine_t* engine, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    wake.wait_for(lock, stop, kEpochTick, [] { return false; });
    wasmtime_engine_increment_epoch(engine);
  }
}

Result<void> check(const EngineOptions& options) {
  // The engine stops the process on settings that contradict each other.
  if (options.guest_stack_bytes < 64 * 1024 ||
      options.stack_bytes < options.guest_stack_bytes + 256 * 1024) {
    return Error::invalid_input(
        fmt::format("stack of {} bytes for {} bytes of guest stack: host functions need 256 KiB",
                    options.stack_bytes, options.guest_stack_bytes));
  }
  if (options.memory_bytes_max == 0 || options.memory_bytes_max > kReservation) {
    return Error::invalid_input(fmt::format("largest memory of {} bytes, expected up to {}",
                                            options.memory_bytes_max, kReservation));
  }
  return {};
}

// (module (func (export "suspend")))
constexpr uint8_t kSuspendModule[] = {0,   'a', 's', 'm', 1, 0,  0,  0, 1, 4,   1,   0x60, 0,
                                      0,   3,   2,   1,   0, 7,  11, 1, 7, 's', 'u', 's',  'p',
                                      'e', 'n', 'd', 0,   0, 10, 4,  1, 2, 0,   0x0b};

}  // namespace

std::string_view to_string(Allocation allocation) {
  switch (allocation) {
    case Allocation::Pooled: return "pooled";
    case Allocation::OnDemand: return "on demand";
    case Allocation::Compact: return "compact";
  }
  return "unknown";
}

Result<std::shared_ptr<const Engine>> Engine::create(const EngineOptions& options) {
  TRY(check(options));
  static std::atomic<uint64_t> next_id = 1;
  auto impl = std::make_unique<Impl>();
  impl->id = next_id++;
  impl->entry_type = to_raw({});
  auto pooled = pooled_instances(options);
  if (pooled) {
    impl->allocation = Allocation::Pooled;
    impl->instances = *pooled;
  } else if (options.pooling == Pooling::On) {
    return Error::unavailable("not enough address space for the pooling allocator");
  } else {
    bool is_roomy = has_address_space(16 * (kReservation + kGuard));
    impl->allocation = is_roomy ? Allocation::OnDemand : Allocation::Compact;
  }
  wasm_config_t* config = wasm_config_new();
  set_features(config);
  set_code_generation(config, options);
  set_memory(config, impl->allocation);
  if (pooled) set_pooling(config, options, *pooled);
  impl->engine.reset(wasm_engine_new_with_config(config));
  impl->fingerprint = fmt::format("wasmtime {} {} stack {}", kEngineVersion,
                                  impl->allocation == Allocation::Compact ? "compact" : "roomy",
                                  options.guest_stack_bytes);
  if (options.ticker == Ticker::Thread) {
    impl->ticker = std::jthread(
        [engine = impl->engine.get()](std::stop_token stop) { run_ticker(engine, stop); });
  }
  return std::shared_ptr<const Engine>(new Engine(std::move(impl)));
}

const wasmtime_instance_pre_t* Engine::Impl::suspend_module() {
  std::call_once(suspend_once, [this] {
    wasmtime_module_t* raw = nullptr;
    auto* error = wasmtime_module_new(engine.get(), kSuspendModule, sizeof(kSuspendModule), &raw);
    VERIFY(!error);
    ModuleHandle module(raw);
    Handle<wasmtime_linker_t, wasmtime_linker_delete> linker(wasmtime_linker_new(engine.get()));
    wasmtime_instance_pre_t* pre = nullptr;
    error = wasmtime_linker_instantiate_pre(linker.get(), module.get(), &pre);
    VERIFY(!error);
    suspend_pre.reset(pre);
  });
  return suspend_pre.get();
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

Allocation Engine::allocation() const {
  return impl_->allocation;
}

uint32_t Engine::instances() const {
  return impl_->instances;
}

void Engine::tick() const {
  wasmtime_engine_increment_epoch(impl_->engine.get());
}

const std::string& Engine::fingerprint() const {
  return impl_->fingerprint;
}

}  // namespace spindle::wasm
