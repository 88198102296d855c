#include "wasm/engine_component.h"

#include <wasmtime/component.h>

#include "wasm/api_impl.h"

namespace spindle::wasm {
namespace {

using ComponentHandle = Handle<wasmtime_component_t, wasmtime_component_delete>;
using LinkerHandle = Handle<wasmtime_component_linker_t, wasmtime_component_linker_delete>;
using StoreHandle = Handle<wasmtime_store_t, wasmtime_store_delete>;
using IndexHandle =
    Handle<wasmtime_component_export_index_t, wasmtime_component_export_index_delete>;
using Kind = EngineValue::Kind;

// A value of the engine that frees what it holds.
struct OwnedValue {
  wasmtime_component_val_t value{};
  OwnedValue() = default;
  OwnedValue(const OwnedValue&) = delete;
  OwnedValue& operator=(const OwnedValue&) = delete;
  ~OwnedValue() { wasmtime_component_val_delete(&value); }
};

wasm_name_t name_of(const std::string& text) {
  wasm_name_t name;
  wasm_name_new(&name, text.size(), text.data());
  return name;
}

wasmtime_component_val_t to_engine(const EngineValue& value);

wasmtime_component_val_t* payload_to_engine(const EngineValue& value) {
  if (value.items.empty()) return nullptr;
  auto payload = to_engine(value.items[0]);
  return wasmtime_component_val_new(&payload);
}

// Numbers need no conversion but their width.
void number_to_engine(const EngineValue& value, wasmtime_component_val_t& raw) {
  switch (value.kind) {
    case Kind::Bool: raw.of.boolean = value.bits != 0; return;
    case Kind::F32: raw.of.f32 = std::bit_cast<float>(static_cast<uint32_t>(value.bits)); return;
    case Kind::F64: raw.of.f64 = std::bit_cast<double>(value.bits); return;
    default: raw.of.u64 = value.bits;  // little-endian: narrower fields are its low bytes
  }
}

void compound_to_engine(const EngineValue& value, wasmtime_component_val_t& raw) {
  switch (value.kind) {
    case Kind::List:
      wasmtime_component_vallist_new_uninit(&raw.of.list, value.items.size());
      for (size_t i = 0; i < value.items.size(); ++i) {
        raw.of.list.data[i] = to_engine(value.items[i]);
      }
      return;
    case Kind::Tuple:
      wasmtime_component_valtuple_new_uninit(&raw.of.tuple, value.items.size());
      for (size_t i = 0; i < value.items.size(); ++i) {
        raw.of.tuple.data[i] = to_engine(value.items[i]);
      }
      return;
    case Kind::Record:
      wasmtime_component_valrecord_new_uninit(&raw.of.record, value.items.size());
      for (size_t i = 0; i < value.items.size(); ++i) {
        raw.of.record.data[i] = {name_of(value.labels[i]), to_engine(value.items[i])};
      }
      return;
    case Kind::Flags:
      wasmtime_component_valflags_new_uninit(&raw.of.flags, value.labels.size());
      for (size_t i = 0; i < value.labels.size(); ++i) {
        raw.of.flags.data[i] = name_of(value.labels[i]);
      }
      return;
    case Kind::Variant: raw.of.variant = {name_of(value.text), payload_to_engine(value)}; return;
    case Kind::Option: raw.of.option = payload_to_engine(value); return;
    default: raw.of.result = {value.bits != 0, payload_to_engine(value)};
  }
}

wasmtime_component_val_t to_engine(const EngineValue& value) {
  wasmtime_component_val_t raw{};
  raw.kind = static_cast<uint8_t>(value.kind);
  if (value.kind < Kind::String) {
    number_to_engine(value, raw);
  } else if (value.kind == Kind::String || value.kind == Kind::Enum) {
    raw.of.string = name_of(value.text);
  } else {
    compound_to_engine(value, raw);
  }
  return raw;
}

EngineValue from_engine(const wasmtime_component_val_t& raw);

void payload_from_engine(const wasmtime_component_val_t* raw, EngineValue& value) {
  if (raw != nullptr) value.items.push_back(from_engine(*raw));
}

uint64_t number_from_engine(const wasmtime_component_val_t& raw) {
  const auto& of = raw.of;
  switch (static_cast<Kind>(raw.kind)) {
    case Kind::Bool: return of.boolean ? 1 : 0;
    case Kind::S8: return static_cast<uint64_t>(int64_t{of.s8});
    case Kind::U8: return of.u8;
    case Kind::S16: return static_cast<uint64_t>(int64_t{of.s16});
    case Kind::U16: return of.u16;
    case Kind::S32: return static_cast<uint64_t>(int64_t{of.s32});
    case Kind::U32: return of.u32;
    case Kind::F32: return std::bit_cast<uint32_t>(of.f32);
    case Kind::F64: return std::bit_cast<uint64_t>(of.f64);
    case Kind::Char: return of.character;
    default: return of.u64;
  }
}

void compound_from_engine(const wasmtime_component_val_t& raw, EngineValue& value) {
  const auto& of = raw.of;
  switch (value.kind) {
    case Kind::List:
      for (size_t i = 0; i < of.list.size; ++i) {
        value.items.push_back(from_engine(of.list.data[i]));
      }
      return;
    case Kind::Tuple:
      for (size_t i = 0; i < of.tuple.size; ++i) {
        value.items.push_back(from_engine(of.tuple.data[i]));
      }
      return;
    case Kind::Record:
      for (size_t i = 0; i < of.record.size; ++i) {
        value.labels.emplace_back(view_of(of.record.data[i].name));
        value.items.push_back(from_engine(of.record.data[i].val));
      }
      return;
    case Kind::Flags:
      for (size_t i = 0; i < of.flags.size; ++i) {
        value.labels.emplace_back(view_of(of.flags.data[i]));
      }
      return;
    case Kind::Variant:
      value.text = view_of(of.variant.discriminant);
      return payload_from_engine(of.variant.val, value);
    case Kind::Option: return payload_from_engine(of.option, value);
    default: value.bits = of.result.is_ok ? 1 : 0; payload_from_engine(of.result.val, value);
  }
}

EngineValue from_engine(const wasmtime_component_val_t& raw) {
  EngineValue value;
  value.kind = static_cast<Kind>(raw.kind);
  if (value.kind < Kind::String) {
    value.bits = number_from_engine(raw);
  } else if (value.kind == Kind::String || value.kind == Kind::Enum) {
    value.text = view_of(raw.of.string);
  } else {
    compound_from_engine(raw, value);
  }
  return value;
}

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

struct EngineInstance::Impl {
  ComponentHandle component;
  LinkerHandle linker;
  StoreHandle store;
  wasmtime_component_instance_t instance{};
};

EngineInstance::EngineInstance(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EngineInstance::EngineInstance(EngineInstance&&) noexcept = default;
EngineInstance& EngineInstance::operator=(EngineInstance&&) noexcept = default;
EngineInstance::~EngineInstance() = default;

Result<EngineInstance> EngineComponents::instantiate(std::span<const uint8_t> binary) const {
  auto impl = std::make_unique<EngineInstance::Impl>();
  auto* engine = impl_->engine.get();
  wasmtime_component_t* component = nullptr;
  if (auto* error = wasmtime_component_new(engine, binary.data(), binary.size(), &component)) {
    return engine_error(error);
  }
  impl->component.reset(component);
  impl->linker.reset(wasmtime_component_linker_new(engine));
  impl->store.reset(wasmtime_store_new(engine, nullptr, nullptr));
  if (auto* error = wasmtime_component_linker_instantiate(impl->linker.get(),
                                                          wasmtime_store_context(impl->store.get()),
                                                          component, &impl->instance)) {
    return engine_error(error);
  }
  return EngineInstance(std::move(impl));
}

Result<EngineValue> EngineInstance::call(std::string_view function,
                                         std::span<const EngineValue> args) {
  auto* context = wasmtime_store_context(impl_->store.get());
  IndexHandle index(wasmtime_component_instance_get_export_index(&impl_->instance, context, nullptr,
                                                                 function.data(), function.size()));
  wasmtime_component_func_t found;
  if (index == nullptr ||
      !wasmtime_component_instance_get_func(&impl_->instance, context, index.get(), &found)) {
    return Error::not_found("no such export");
  }
  std::vector<OwnedValue> owned(args.size());
  std::vector<wasmtime_component_val_t> raw;
  for (size_t i = 0; i < args.size(); ++i) {
    owned[i].value = to_engine(args[i]);
    raw.push_back(owned[i].value);
  }
  OwnedValue result;
  if (auto* error =
          wasmtime_component_func_call(&found, context, raw.data(), raw.size(), &result.value, 1)) {
    ErrorHandle owner(error);
    return Error::trap(message_of(error));
  }
  return from_engine(result.value);
}

Result<void> EngineComponents::check_module(std::span<const uint8_t> binary) const {
  if (auto* error = wasmtime_module_validate(impl_->engine.get(), binary.data(), binary.size())) {
    return engine_error(error);
  }
  return {};
}

}  // namespace spindle::wasm
