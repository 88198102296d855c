#pragma once

// What the sources of this room share about stores: the function that the engine calls for every
// host function, and how failures of the engine become errors.

#include "wasm/api_impl.h"
#include "wasm/store.h"

namespace spindle::wasm {

inline wasmtime_context_t* context_of(const Store& store) {
  return static_cast<wasmtime_context_t*>(store.raw());
}

// The failure of the last call, kept until somebody asks for its backtrace.
struct Failure {
  ErrorHandle error;
  TrapHandle trap;
};

struct HostFunction::RawType {
  FuncTypeHandle handle;
};

// Access to the parts of a store that its users do not see.
struct StoreAccess {
  static Error take_failure(Store& store, wasmtime_error_t* error, wasm_trap_t* trap);
  static Result<Instance> instantiate(Store& store, const wasmtime_instance_pre_t* pre);
  // Polls a future of instantiation, inside an asynchronous call; it never has to wait.
  static void finish_nested(Store& store, wasmtime_call_future_t* future);
  static void set_host_error(Store& store, Error error) { store.host_error_ = std::move(error); }
  static wasmtime_error_t* on_epoch(const wasmtime_context_t* context, void* data, uint64_t* delta,
                                    wasmtime_update_deadline_kind_t* kind);
};

wasm_trap_t* call_host(void* env, wasmtime_caller_t* caller, wasmtime_val_raw_t* cells,
                       size_t count) noexcept;

std::string trap_cause(const wasm_trap_t* trap);
// Either of the two.
TrapInfo trap_info_of(const wasmtime_error_t* error, const wasm_trap_t* trap);

// Why an instance could not be made.
Error instantiation_error(wasmtime_error_t* error);

}  // namespace spindle::wasm
