#include "wasm/engine_component.h"

#include <wasmtime/component.h>

#include "wasm/api_impl.h"

namespace spindle::wasm {
namespace {

using ComponentHandle = Handle<wasmtime_component_t, wasmtime_component_delete>;

Error engine_error(wasmtime_error_t* raw) {
  ErrorHandle error(raw);
  return Error::invalid_input(message_of(error.get()));
}

wasm_config_t* component_config() {
  wasm_config_t* config = wasm_config_new();
  wasmtime_config_wasm_component_model_set(config, true);
  wasmtime_config_concurrency_support_set(config, true);
  wasmtime_config_wasm_component_model_async_set(config, true);
  wasmtime_config_wasm_component_model_async_stackful_set(config, true);
  wasmtime_config_wasm_component_model_more_async_builtins_set(config, true);
  wasmtime_config_wasm_component_model_map_set(config, true);
  wasmtime_config_wasm_component_model_implements_set(config, true);
  wasmtime_config_wasm_multi_memory_set(config, true);
  wasmtime_config_wasm_memory64_set(config, true);
  wasmtime_config_wasm_function_references_set(config, true);
  wasmtime_config_wasm_exceptions_set(config, true);
  wasmtime_config_wasm_gc_set(config, true);
  wasmtime_config_wasm_threads_set(config, true);
  wasmtime_config_wasm_tail_call_set(config, true);
  wasmtime_config_parallel_compilation_set(config, false);
  wasmtime_config_cranelift_opt_level_set(config, WASMTIME_OPT_LEVEL_NONE);
  wasmtime_config_memory_reservation_set(config, 0);
  wasmtime_config_memory_guard_size_set(config, 64 * 1024);
  return config;
}

}  // namespace

struct EngineComponents::Impl {
  EngineHandle engine;
};

Result<EngineComponents> EngineComponents::create() {
  auto impl = std::make_shared<Impl>();
  impl->engine.reset(wasm_engine_new_with_config(component_config()));
  if (impl->engine == nullptr) return Error::internal("the engine refuses its configuration");
  return EngineComponents(std::move(impl));
}

Result<void> EngineComponents::check(std::span<const uint8_t> binary) const {
  // The library would take text too.
  if (binary.size() < 4 || binary[0] != 0) return Error::invalid_input("not a wasm binary");
  wasmtime_component_t* component = nullptr;
  if (auto* error =
          wasmtime_component_new(impl_->engine.get(), binary.data(), binary.size(), &component)) {
    return engine_error(error);
  }
  ComponentHandle(component).reset();
  return {};
}

Result<void> EngineComponents::check_module(std::span<const uint8_t> binary) const {
  if (auto* error = wasmtime_module_validate(impl_->engine.get(), binary.data(), binary.size())) {
    return engine_error(error);
  }
  return {};
}

}  // namespace spindle::wasm
