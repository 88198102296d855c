#pragma once

// Types of core WebAssembly as far as components talk about them: core function types, the types of
// what a core module imports and exports, and module types.
//
// References to core types inside these are raw indices into the type space where they were read
// (a component's core types, a module type's own types, a module's type section).

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "component/binary/indices.h"

namespace spindle::component {

enum class CoreValueKind : uint8_t { I32, I64, F32, F64, V128, Reference };

// The codes of the binary format; Concrete is a type index.
enum class CoreHeapKind : uint8_t {
  Concrete = 0,
  Exn = 0x69,
  Array = 0x6a,
  Struct = 0x6b,
  I31 = 0x6c,
  Eq = 0x6d,
  Any = 0x6e,
  Extern = 0x6f,
  Func = 0x70,
  None = 0x71,
  NoExtern = 0x72,
  NoFunc = 0x73,
  NoExn = 0x74,
  Cont = 0x68,
  NoCont = 0x75,
};

struct CoreValueType {
  CoreValueKind kind = CoreValueKind::I32;
  // Of a Reference.
  bool nullable = false;
  bool shared = false;
  bool exact = false;
  CoreHeapKind heap = CoreHeapKind::Func;
  uint32_t heap_type = 0;  // Concrete
  friend bool operator==(const CoreValueType&, const CoreValueType&) = default;
};

struct CoreFuncType {
  std::vector<CoreValueType> params;
  std::vector<CoreValueType> results;
  friend bool operator==(const CoreFuncType&, const CoreFuncType&) = default;
};

// A field of a struct or the element of an array.
struct CoreFieldType {
  // 0: `type` as it is; 8 and 16: packed integers.
  uint8_t packed_bits = 0;
  bool is_mutable = false;
  CoreValueType type;
  friend bool operator==(const CoreFieldType&, const CoreFieldType&) = default;
};
struct CoreStructType {
  std::vector<CoreFieldType> fields;
  friend bool operator==(const CoreStructType&, const CoreStructType&) = default;
};
struct CoreArrayType {
  CoreFieldType element;
  friend bool operator==(const CoreArrayType&, const CoreArrayType&) = default;
};
struct CoreContType {
  uint32_t function_type = 0;
  friend bool operator==(const CoreContType&, const CoreContType&) = default;
};

struct CoreSubType {
  bool is_final = true;
  bool is_shared = false;
  std::vector<uint32_t> supertypes;
  std::variant<CoreFuncType, CoreStructType, CoreArrayType, CoreContType> composite;
  friend bool operator==(const CoreSubType&, const CoreSubType&) = default;
};
struct CoreRecGroup {
  std::vector<CoreSubType> types;
};

struct CoreLimits {
  uint64_t minimum = 0;
  std::optional<uint64_t> maximum;
  bool is_64 = false;
  bool is_shared = false;
  friend bool operator==(const CoreLimits&, const CoreLimits&) = default;
};
struct CoreFuncUse {
  uint32_t type = 0;
  bool exact = false;
};
struct CoreTableType {
  CoreValueType element;
  CoreLimits limits;
};
struct CoreMemoryType {
  CoreLimits limits;
  uint32_t page_size_log2 = 16;
};
struct CoreGlobalType {
  CoreValueType type;
  bool is_mutable = false;
  bool is_shared = false;
};
struct CoreTagUse {
  uint32_t type = 0;
};
using CoreExternType =
    std::variant<CoreFuncUse, CoreTableType, CoreMemoryType, CoreGlobalType, CoreTagUse>;

struct CoreImportDecl {
  std::string_view module;
  std::string_view name;
  CoreExternType type;
};
struct CoreExportDecl {
  std::string_view name;
  CoreExternType type;
};

// `(alias outer count index (type))`, the only alias that a module type may contain.
struct CoreOuterAlias {
  uint32_t count = 0;
  uint32_t index = 0;
};
struct ModuleDeclarator {
  uint64_t offset = 0;
  std::variant<CoreImportDecl, CoreRecGroup, CoreOuterAlias, CoreExportDecl> kind;
};
struct ModuleTypeDef {
  std::vector<ModuleDeclarator> declarators;
};

}  // namespace spindle::component
