#pragma once

// Component-level type definitions exactly as the binary gives them.
//
// A value type position holds a primitive or an index into the type space of the scope around it.
// Component and instance types open a scope of their own: their declarators append to its spaces
// in order, as a component's definitions do. Names are views into the component's bytes.

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "component/binary/core_types.h"
#include "component/binary/indices.h"

namespace spindle::component {

enum class PrimitiveType : uint8_t {
  Bool,
  S8,
  U8,
  S16,
  U16,
  S32,
  U32,
  S64,
  U64,
  F32,
  F64,
  Char,
  String,
  ErrorContext,
};
std::string_view to_string(PrimitiveType type);

// A use of a value type.
using ValueTypeUse = std::variant<PrimitiveType, TypeIndex>;

struct NamedTypeUse {
  std::string_view name;
  ValueTypeUse type;
};
struct CaseDef {
  std::string_view name;
  std::optional<ValueTypeUse> type;
};

struct RecordDef {
  std::vector<NamedTypeUse> fields;
};
struct VariantDef {
  std::vector<CaseDef> cases;
};
struct ListDef {
  ValueTypeUse element;
};
struct FixedListDef {
  ValueTypeUse element;
  uint32_t length = 0;
};
struct MapDef {
  ValueTypeUse key;
  ValueTypeUse value;
};
struct TupleDef {
  std::vector<ValueTypeUse> elements;
};
struct FlagsDef {
  std::vector<std::string_view> labels;
};
struct EnumDef {
  std::vector<std::string_view> labels;
};
struct OptionDef {
  ValueTypeUse payload;
};
struct ResultDef {
  std::optional<ValueTypeUse> ok;
  std::optional<ValueTypeUse> error;
};
struct OwnDef {
  TypeIndex resource;
};
struct BorrowDef {
  TypeIndex resource;
};
struct StreamDef {
  std::optional<ValueTypeUse> payload;
};
struct FutureDef {
  std::optional<ValueTypeUse> payload;
};

struct FuncDef {
  bool is_async = false;
  std::vector<NamedTypeUse> params;
  std::optional<ValueTypeUse> result;
};
struct ResourceDef {
  CoreValueType rep;
  std::optional<CoreFuncIndex> destructor;
};

struct Declarator;
struct ComponentTypeDef {
  std::vector<Declarator> declarators;
};
struct InstanceTypeDef {
  std::vector<Declarator> declarators;
};

struct TypeDef {
  std::variant<PrimitiveType, RecordDef, VariantDef, ListDef, FixedListDef, MapDef, TupleDef,
               FlagsDef, EnumDef, OptionDef, ResultDef, OwnDef, BorrowDef, StreamDef, FutureDef,
               FuncDef, ResourceDef, ComponentTypeDef, InstanceTypeDef>
      kind;
};

// A core type definition appends every type of its rec group, or one module type.
struct CoreTypeDef {
  std::variant<CoreRecGroup, ModuleTypeDef> kind;
};

struct InstanceExportAlias {
  InstanceIndex instance;
  std::string_view name;
};
struct CoreExportAlias {
  CoreInstanceIndex instance;
  std::string_view name;
};
// `count` scopes outward, 0 being the scope of the alias itself.
struct OuterAlias {
  uint32_t count = 0;
  uint32_t index = 0;
};
struct AliasDef {
  Sort sort = Sort::Func;
  std::variant<InstanceExportAlias, CoreExportAlias, OuterAlias> target;
};

// The name of an import or export, with the attributes that it may carry.
struct ExternName {
  std::string_view name;
  std::optional<std::string_view> implements;
  std::optional<std::string_view> version_suffix;
  std::optional<std::string_view> external_id;
};

enum class ExternKind : uint8_t { Module, Func, Value, TypeEq, TypeResource, Component, Instance };

// What is imported, or what an export is ascribed.
struct ExternDesc {
  ExternKind kind = ExternKind::Func;
  // Module: a core type. Func, TypeEq, Component, Instance: a type. Otherwise unused.
  uint32_t index = 0;
  // Value only.
  ValueTypeUse value_type;
  Sort sort() const;
};

struct ImportDef {
  ExternName name;
  ExternDesc desc;
};

// An export of a component or instance type: the name and what it is.
struct ExportDecl {
  ExternName name;
  ExternDesc desc;
};

struct Declarator {
  uint64_t offset = 0;
  // ImportDef occurs in component types only.
  std::variant<CoreTypeDef, TypeDef, AliasDef, ImportDef, ExportDecl> kind;
};

}  // namespace spindle::component
