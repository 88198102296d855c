#pragma once

// The types of core WebAssembly as this room shows them: values, functions, and what modules import
// and export. Plain data, compared by value.
//
// RawValue (raw_value.h) is the engine's untyped 16-byte cell: whoever reads one knows its type
// from a FunctionType.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wasm/raw_value.h"

namespace spindle::wasm {

enum class ValueType : uint8_t {
  I32,
  I64,
  F32,
  F64,
  V128,
  FuncRef,
  ExternRef,
  OtherRef,  // typed, GC and exception references; cannot be passed by the host
};

std::string_view to_string(ValueType type);

struct FunctionType {
  std::vector<ValueType> params;
  std::vector<ValueType> results;

  // How many cells a call needs: parameters go in, results come out in the same cells.
  size_t slots() const { return params.size() > results.size() ? params.size() : results.size(); }
  bool operator==(const FunctionType&) const = default;
};

// `(i32, i64) -> f32`
std::string to_string(const FunctionType& type);

struct MemoryType {
  uint64_t minimum = 0;  // in pages of page_size bytes
  std::optional<uint64_t> maximum;
  uint64_t page_size = 65536;
  bool is_64 = false;
  bool is_shared = false;
  bool operator==(const MemoryType&) const = default;
};

struct TableType {
  ValueType element = ValueType::FuncRef;
  uint32_t minimum = 0;
  std::optional<uint32_t> maximum;
  bool operator==(const TableType&) const = default;
};

struct GlobalType {
  ValueType content = ValueType::I32;
  bool is_mutable = false;
  bool operator==(const GlobalType&) const = default;
};

struct TagType {
  FunctionType function;
  bool operator==(const TagType&) const = default;
};

// The order of the alternatives is the order of ExternKind.
using ExternType = std::variant<FunctionType, GlobalType, TableType, MemoryType, TagType>;

enum class ExternKind : uint8_t { Func, Global, Table, Memory, Tag };
std::string_view to_string(ExternKind kind);
inline ExternKind kind_of(const ExternType& type) {
  return static_cast<ExternKind>(type.index());
}

struct ImportType {
  std::string module;
  std::string name;
  ExternType type;
  bool operator==(const ImportType&) const = default;
};

struct ExportType {
  std::string name;
  ExternType type;
  bool operator==(const ExportType&) const = default;
};

}  // namespace spindle::wasm
