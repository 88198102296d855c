#pragma once

// The engine's C API as this room's sources use it: owning handles, and conversions of errors and
// types. The only header of the project that shows wasmtime.h; sources of this room include it.

#include <wasmtime.h>

#include <bit>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/result.h"
#include "wasm/engine.h"
#include "wasm/handles.h"
#include "wasm/module.h"
#include "wasm/types.h"

namespace spindle::wasm {

template <auto Delete>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const {
    Delete(pointer);
  }
};
template <typename T, auto Delete>
using Handle = std::unique_ptr<T, Deleter<Delete>>;

using EngineHandle = Handle<wasm_engine_t, wasm_engine_delete>;
using ModuleHandle = Handle<wasmtime_module_t, wasmtime_module_delete>;
using ErrorHandle = Handle<wasmtime_error_t, wasmtime_error_delete>;
using TrapHandle = Handle<wasm_trap_t, wasm_trap_delete>;
using FuncTypeHandle = Handle<wasm_functype_t, wasm_functype_delete>;

// A vector that the library filled and that is freed with its own function.
template <typename T, auto Delete>
struct Vec {
  T value{};
  Vec() = default;
  Vec(const Vec&) = delete;
  Vec& operator=(const Vec&) = delete;
  ~Vec() { Delete(&value); }
  T* operator&() { return &value; }
};
using ByteVec = Vec<wasm_byte_vec_t, wasm_byte_vec_delete>;

// The message of an engine error on one line, without the library's "Caused by:" layout.
std::string message_of(const wasmtime_error_t* error);
inline std::string_view view_of(const wasm_byte_vec_t& bytes) {
  return {bytes.data, bytes.size};
}

ValueType value_type_of(const wasm_valtype_t* type);
FunctionType function_type_of(const wasm_functype_t* type);
ExternType extern_type_of(const wasm_externtype_t* type);
FuncTypeHandle to_raw(const FunctionType& type);

struct Engine::Impl {
  uint64_t id = 0;  // never reused
  EngineHandle engine;
  Allocation allocation = Allocation::OnDemand;
  uint32_t instances = 0;
  std::string fingerprint;
  FuncTypeHandle entry_type;  // () -> ()
  std::once_flag suspend_once;
  Handle<wasmtime_instance_pre_t, wasmtime_instance_pre_delete> suspend_pre;
  std::jthread ticker;

  // A prepared module whose one function, `suspend`, does nothing; compiled when first asked for.
  const wasmtime_instance_pre_t* suspend_module();
};

struct Module::Impl {
  std::shared_ptr<const Engine> engine;  // outlives the module
  ModuleHandle module;
  std::vector<ImportType> imports;
  std::vector<ExportType> exports;
  bool has_start_export = false;
};

// Handles have the engine's layout, so a pointer to one is a pointer to the other.
static_assert(sizeof(Func) == sizeof(wasmtime_func_t) && alignof(Func) == alignof(wasmtime_func_t));
static_assert(sizeof(Memory) == sizeof(wasmtime_memory_t));
static_assert(sizeof(Table) == sizeof(wasmtime_table_t));
static_assert(sizeof(Global) == sizeof(wasmtime_global_t));
static_assert(sizeof(Instance) == sizeof(wasmtime_instance_t));
static_assert(sizeof(Extern) == sizeof(wasmtime_extern_t) &&
              alignof(Extern) == alignof(wasmtime_extern_t));
static_assert(sizeof(RawValue) == sizeof(wasmtime_val_raw_t) &&
              alignof(RawValue) == alignof(wasmtime_val_raw_t));

template <typename Raw, typename Ours>
Raw to_api(const Ours& ours) {
  static_assert(sizeof(Raw) == sizeof(Ours));
  return std::bit_cast<Raw>(ours.storage);
}
template <typename Ours, typename Raw>
Ours from_api(const Raw& raw) {
  static_assert(sizeof(Raw) == sizeof(Ours));
  Ours ours;
  std::memcpy(&ours.storage, &raw, sizeof(Raw));
  return ours;
}

}  // namespace spindle::wasm
