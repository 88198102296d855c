#include "wasm/types.h"

#include <fmt/format.h>

#include "wasm/api_impl.h"

namespace spindle::wasm {

std::string_view to_string(ValueType type) {
  switch (type) {
    case ValueType::I32: return "i32";
    case ValueType::I64: return "i64";
    case ValueType::F32: return "f32";
    case ValueType::F64: return "f64";
    case ValueType::V128: return "v128";
    case ValueType::FuncRef: return "funcref";
    case ValueType::ExternRef: return "externref";
    case ValueType::OtherRef: return "ref";
  }
  return "unknown";
}

std::string_view to_string(ExternKind kind) {
  switch (kind) {
    case ExternKind::Func: return "function";
    case ExternKind::Global: return "global";
    case ExternKind::Table: return "table";
    case ExternKind::Memory: return "memory";
    case ExternKind::Tag: return "tag";
  }
  return "unknown";
}

std::string to_string(const FunctionType& type) {
  auto list = [](const std::vector<ValueType>& types) {
    std::string text;
    for (ValueType value : types) {
      if (!text.empty()) text += ", ";
      text += to_string(value);
    }
    return text;
  };
  return fmt::format("({}) -> ({})", list(type.params), list(type.results));
}

ValueType value_type_of(const wasm_valtype_t* type) {
  wasmtime_valtype_t raw;
  wasmtime_valtype_new(type, &raw);
  auto result = ValueType::OtherRef;
  switch (raw.kind) {
    case WASMTIME_VALTYPE_KIND_I32: result = ValueType::I32; break;
    case WASMTIME_VALTYPE_KIND_I64: result = ValueType::I64; break;
    case WASMTIME_VALTYPE_KIND_F32: result = ValueType::F32; break;
    case WASMTIME_VALTYPE_KIND_F64: result = ValueType::F64; break;
    case WASMTIME_VALTYPE_KIND_V128: result = ValueType::V128; break;
    default:
      if (!raw.reftype.nullable) break;
      if (raw.reftype.heaptype.kind == WASMTIME_HEAPTYPE_KIND_FUNC) result = ValueType::FuncRef;
      if (raw.reftype.heaptype.kind == WASMTIME_HEAPTYPE_KIND_EXTERN) result = ValueType::ExternRef;
  }
  wasmtime_valtype_delete(&raw);
  return result;
}

namespace {

std::vector<ValueType> value_types_of(const wasm_valtype_vec_t* types) {
  std::vector<ValueType> result;
  result.reserve(types->size);
  for (size_t i = 0; i < types->size; ++i) result.push_back(value_type_of(types->data[i]));
  return result;
}

TableType table_type_of(const wasm_tabletype_t* type) {
  const wasm_limits_t* limits = wasm_tabletype_limits(type);
  TableType result{value_type_of(wasm_tabletype_element(type)), limits->min, std::nullopt};
  if (limits->max != wasm_limits_max_default) result.maximum = limits->max;
  return result;
}

MemoryType memory_type_of(const wasm_memorytype_t* type) {
  MemoryType result{wasmtime_memorytype_minimum(type), std::nullopt,
                    wasmtime_memorytype_page_size(type), wasmtime_memorytype_is64(type),
                    wasmtime_memorytype_isshared(type)};
  uint64_t maximum = 0;
  if (wasmtime_memorytype_maximum(type, &maximum)) result.maximum = maximum;
  return result;
}

wasm_valtype_t* raw_value_type(ValueType type) {
  switch (type) {
    case ValueType::I32: return wasm_valtype_new(WASM_I32);
    case ValueType::I64: return wasm_valtype_new(WASM_I64);
    case ValueType::F32: return wasm_valtype_new(WASM_F32);
    case ValueType::F64: return wasm_valtype_new(WASM_F64);
    case ValueType::V128: return wasmtime_wasm_valtype_v128();
    case ValueType::FuncRef: return wasm_valtype_new(WASM_FUNCREF);
    case ValueType::ExternRef: return wasm_valtype_new(WASM_EXTERNREF);
    case ValueType::OtherRef: break;
  }
  verify_failed("a host function's types are numbers, vectors or plain references", {},
                std::source_location::current());
}

void fill(wasm_valtype_vec_t& vec, const std::vector<ValueType>& types) {
  wasm_valtype_vec_new_uninitialized(&vec, types.size());
  for (size_t i = 0; i < types.size(); ++i) vec.data[i] = raw_value_type(types[i]);
}

}  // namespace

FunctionType function_type_of(const wasm_functype_t* type) {
  return {value_types_of(wasm_functype_params(type)), value_types_of(wasm_functype_results(type))};
}

ExternType extern_type_of(const wasm_externtype_t* type) {
  switch (wasm_externtype_kind(type)) {
    case WASM_EXTERN_FUNC: return function_type_of(wasm_externtype_as_functype_const(type));
    case WASM_EXTERN_TABLE: return table_type_of(wasm_externtype_as_tabletype_const(type));
    case WASM_EXTERN_MEMORY: return memory_type_of(wasm_externtype_as_memorytype_const(type));
    case WASM_EXTERN_GLOBAL: {
      const auto* global = wasm_externtype_as_globaltype_const(type);
      return GlobalType{value_type_of(wasm_globaltype_content(global)),
                        wasm_globaltype_mutability(global) == WASM_VAR};
    }
    default:
      return TagType{
          function_type_of(wasm_tagtype_functype(wasm_externtype_as_tagtype_const(type)))};
  }
}

FuncTypeHandle to_raw(const FunctionType& type) {
  wasm_valtype_vec_t params;
  wasm_valtype_vec_t results;
  fill(params, type.params);
  fill(results, type.results);
  return FuncTypeHandle(wasm_functype_new(&params, &results));
}

std::string message_of(const wasmtime_error_t* error) {
  ByteVec bytes;
  wasmtime_error_message(error, &bytes);
  std::string text;
  // "outer\n\nCaused by:\n    0: inner\n" reads "outer: inner".
  std::string_view rest = view_of(bytes.value);
  while (!rest.empty()) {
    size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    if (line == "Caused by:" || line == "Stack backtrace:") continue;
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    size_t digits = line.find_first_not_of("0123456789");
    if (digits != 0 && digits != line.npos && line.substr(digits, 2) == ": ") {
      line.remove_prefix(digits + 2);
    }
    if (line.empty()) continue;
    if (!text.empty()) text += ": ";
    text += line;
  }
  return text;
}

}  // namespace spindle::wasm
