#include "wasm/handles.h"

#include <fmt/format.h>

#include "wasm/api_impl.h"
#include "wasm/store.h"

namespace spindle::wasm {

namespace {

wasmtime_context_t* context_of(Store& store) {
  return static_cast<wasmtime_context_t*>(store.raw());
}

Error engine_error(wasmtime_error_t* raw) {
  ErrorHandle error(raw);
  return Error::limit_exceeded(message_of(error.get()));
}

// The wanted member of an engine's extern, if it is of that kind.
template <typename Ours, typename Raw>
std::optional<Ours> pick(const Extern& item, wasmtime_extern_kind_t kind,
                         Raw wasmtime_extern_union_t::* member) {
  auto raw = to_api<wasmtime_extern_t>(item);
  if (raw.kind != kind) return std::nullopt;
  return from_api<Ours>(raw.of.*member);
}

template <typename Raw, typename Ours>
HandleStorage<32> wrap(const Ours& ours, wasmtime_extern_kind_t kind,
                       Raw wasmtime_extern_union_t::* member) {
  wasmtime_extern_t raw{};
  raw.kind = kind;
  raw.of.*member = to_api<Raw>(ours);
  return std::bit_cast<HandleStorage<32>>(raw);
}

}  // namespace

FunctionType Func::type(Store& store) const {
  auto func = to_api<wasmtime_func_t>(*this);
  FuncTypeHandle type(wasmtime_func_type(context_of(store), &func));
  return function_type_of(type.get());
}

std::span<uint8_t> Memory::bytes(Store& store) const {
  auto memory = to_api<wasmtime_memory_t>(*this);
  wasmtime_context_t* context = context_of(store);
  return {wasmtime_memory_data(context, &memory), wasmtime_memory_data_size(context, &memory)};
}

Result<uint64_t> Memory::grow(Store& store, uint64_t pages) const {
  auto memory = to_api<wasmtime_memory_t>(*this);
  uint64_t before = 0;
  if (auto* error = wasmtime_memory_grow(context_of(store), &memory, pages, &before)) {
    return engine_error(error);
  }
  return before;
}

uint64_t Memory::headroom(Store& store) const {
  uint64_t size = bytes(store).size();
  uint64_t limit = store.limits().memory_bytes;
  return size < limit ? limit - size : 0;
}

uint64_t Table::size(Store& store) const {
  auto table = to_api<wasmtime_table_t>(*this);
  return wasmtime_table_size(context_of(store), &table);
}

Result<std::optional<Func>> Table::get(Store& store, uint64_t index) const {
  auto table = to_api<wasmtime_table_t>(*this);
  wasmtime_val_t value;
  if (!wasmtime_table_get(context_of(store), &table, index, &value)) {
    return Error::trap(fmt::format("table index {} is out of bounds", index));
  }
  if (value.kind != WASMTIME_FUNCREF) {
    wasmtime_val_unroot(&value);
    return Error::not_supported("table element is no function reference");
  }
  if (wasmtime_funcref_is_null(&value.of.funcref)) return std::optional<Func>();
  return std::optional<Func>(from_api<Func>(value.of.funcref));
}

Result<void> Table::set(Store& store, uint64_t index, std::optional<Func> func) const {
  auto table = to_api<wasmtime_table_t>(*this);
  wasmtime_val_t value{};
  value.kind = WASMTIME_FUNCREF;
  if (func) value.of.funcref = to_api<wasmtime_func_t>(*func);
  if (auto* error = wasmtime_table_set(context_of(store), &table, index, &value)) {
    return engine_error(error);
  }
  return {};
}

Result<RawValue> Global::get(Store& store) const {
  auto global = to_api<wasmtime_global_t>(*this);
  wasmtime_val_t value;
  wasmtime_global_get(context_of(store), &global, &value);
  RawValue raw{};
  switch (value.kind) {
    case WASMTIME_I32: return RawValue::from_i32(value.of.i32);
    case WASMTIME_I64: return RawValue::from_i64(value.of.i64);
    case WASMTIME_F32: return RawValue::from_f32(value.of.f32);
    case WASMTIME_F64: return RawValue::from_f64(value.of.f64);
    case WASMTIME_V128: std::memcpy(raw.v128, value.of.v128, sizeof(raw.v128)); return raw;
    default: wasmtime_val_unroot(&value); break;
  }
  return Error::not_supported("global holds a reference");
}

Result<void> Global::set(Store& store, RawValue value) const {
  auto global = to_api<wasmtime_global_t>(*this);
  Handle<wasm_globaltype_t, wasm_globaltype_delete> type(
      wasmtime_global_type(context_of(store), &global));
  wasmtime_val_t raw{};
  switch (value_type_of(wasm_globaltype_content(type.get()))) {
    case ValueType::I32: raw.kind = WASMTIME_I32; break;
    case ValueType::I64: raw.kind = WASMTIME_I64; break;
    case ValueType::F32: raw.kind = WASMTIME_F32; break;
    case ValueType::F64: raw.kind = WASMTIME_F64; break;
    case ValueType::V128: raw.kind = WASMTIME_V128; break;
    default: return Error::not_supported("global holds a reference");
  }
  std::memcpy(&raw.of, &value, sizeof(value));
  if (auto* error = wasmtime_global_set(context_of(store), &global, &raw)) {
    return engine_error(error);
  }
  return {};
}

Extern::Extern(const Func& func)
    : storage(wrap(func, WASMTIME_EXTERN_FUNC, &wasmtime_extern_union_t::func)) {}
Extern::Extern(const Memory& memory)
    : storage(wrap(memory, WASMTIME_EXTERN_MEMORY, &wasmtime_extern_union_t::memory)) {}
Extern::Extern(const Table& table)
    : storage(wrap(table, WASMTIME_EXTERN_TABLE, &wasmtime_extern_union_t::table)) {}
Extern::Extern(const Global& global)
    : storage(wrap(global, WASMTIME_EXTERN_GLOBAL, &wasmtime_extern_union_t::global)) {}

ExternKind Extern::kind() const {
  switch (to_api<wasmtime_extern_t>(*this).kind) {
    case WASMTIME_EXTERN_FUNC: return ExternKind::Func;
    case WASMTIME_EXTERN_GLOBAL: return ExternKind::Global;
    case WASMTIME_EXTERN_TABLE: return ExternKind::Table;
    case WASMTIME_EXTERN_MEMORY: return ExternKind::Memory;
    default: return ExternKind::Tag;
  }
}

std::optional<Func> Extern::func() const {
  return pick<Func>(*this, WASMTIME_EXTERN_FUNC, &wasmtime_extern_union_t::func);
}
std::optional<Memory> Extern::memory() const {
  return pick<Memory>(*this, WASMTIME_EXTERN_MEMORY, &wasmtime_extern_union_t::memory);
}
std::optional<Table> Extern::table() const {
  return pick<Table>(*this, WASMTIME_EXTERN_TABLE, &wasmtime_extern_union_t::table);
}
std::optional<Global> Extern::global() const {
  return pick<Global>(*this, WASMTIME_EXTERN_GLOBAL, &wasmtime_extern_union_t::global);
}

std::optional<Extern> Instance::find_export(Store& store, std::string_view name) const {
  auto instance = to_api<wasmtime_instance_t>(*this);
  wasmtime_extern_t item;
  if (!wasmtime_instance_export_get(context_of(store), &instance, name.data(), name.size(),
                                    &item)) {
    return std::nullopt;
  }
  return from_api<Extern>(item);
}

std::optional<Func> Instance::find_func(Store& store, std::string_view name) const {
  auto item = find_export(store, name);
  return item ? item->func() : std::nullopt;
}

std::optional<Memory> Instance::find_memory(Store& store, std::string_view name) const {
  auto item = find_export(store, name);
  return item ? item->memory() : std::nullopt;
}

}  // namespace spindle::wasm
