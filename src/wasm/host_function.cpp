#include "wasm/host_function.h"

#include <exception>

#include "wasm/store_impl.h"

namespace spindle::wasm {

namespace {

// One of the three places that catch: nothing may unwind through the engine's frames.
Result<void> call_guarded(const HostFunction& function, Caller& caller,
                          std::span<RawValue> cells) noexcept {
  try {
    return function.callback()(function.env(), caller, cells);
  } catch (const std::exception& error) {
    return Error::internal(std::string("host function threw: ") + error.what());
  } catch (...) {
    return Error::internal("host function threw");
  }
}

}  // namespace

HostFunction::HostFunction(FunctionType type, HostCallback callback, void* env)
    : type_(std::move(type)),
      callback_(callback),
      env_(env),
      raw_type_(std::make_shared<RawType>(to_raw(type_))) {}

std::shared_ptr<const HostFunction::RawType> HostFunction::raw_type(const Engine& engine) const {
  uint64_t bound = 0;
  if (engine_id_.compare_exchange_strong(bound, engine.impl().id) || bound == engine.impl().id) {
    return raw_type_;
  }
  return std::make_shared<RawType>(to_raw(type_));
}

std::optional<Extern> Caller::find_export(std::string_view name) const {
  wasmtime_extern_t item;
  if (!wasmtime_caller_export_get(static_cast<wasmtime_caller_t*>(raw_), name.data(), name.size(),
                                  &item)) {
    return std::nullopt;
  }
  return from_api<Extern>(item);
}

wasm_trap_t* call_host(void* env, wasmtime_caller_t* raw_caller, wasmtime_val_raw_t* cells,
                       size_t count) noexcept {
  auto* store = static_cast<Store*>(wasmtime_context_get_data(wasmtime_caller_context(raw_caller)));
  Caller caller(*store, raw_caller);
  auto result = call_guarded(*static_cast<const HostFunction*>(env), caller,
                             {reinterpret_cast<RawValue*>(cells), count});
  if (result) [[likely]]
    return nullptr;
  // The text is never shown: the innermost call that this trap ends takes the error itself.
  StoreAccess::set_host_error(*store, result.take_error());
  constexpr std::string_view kText = "host function failed";
  return wasmtime_trap_new(kText.data(), kText.size());
}

}  // namespace spindle::wasm
