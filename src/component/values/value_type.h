#pragma once

// ValueType: a component-level value type as the canonical ABI sees it, with everything that its
// rules need computed once: size, alignment, flat representation.
//
// Types are hash-consed by a TypeTable: two equal types are the same object, so equality is
// equality of pointers and a type that mentions another many times costs one reference each.
// Resources are indices into the table of resources of one InstantiationPlan, therefore a
// TypeTable belongs to one plan. Specialized types keep their kind for texts and values, and carry
// the shape they despecialize to: tuple and record have fields, enum, option, result and variant
// have cases, a map is a list of pairs.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/strong_id.h"

namespace spindle::component {

using ResourceIndex = StrongId<struct ResourceIndexTag>;

enum class TypeKind : uint8_t {
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
  Record,
  Tuple,
  Variant,
  Enum,
  Option,
  Result,
  List,
  FixedList,
  Map,
  Flags,
  Own,
  Borrow,
  Stream,
  Future,
};

// What lift and lower switch on.
enum class TypeShape : uint8_t { Scalar, String, List, FixedList, Record, Variant, Flags, Handle };

enum class FlatType : uint8_t { I32, I64, F32, F64 };

struct ValueType;
using TypeRef = const ValueType*;

// A field of a record, a case of a variant (its type may be absent).
struct TypeMember {
  std::string label;
  TypeRef type = nullptr;
  uint32_t offset = 0;
};

struct ValueType {
  // Flat values beyond this number are not kept: no calling convention passes them.
  static constexpr size_t kFlatMax = 16;
  static constexpr uint32_t kByteSizeMax = (1U << 28) - 1;

  TypeKind kind = TypeKind::Bool;
  TypeShape shape = TypeShape::Scalar;
  // True when every bit pattern is a value and lifting then lowering is a copy of bytes.
  bool copyable = false;
  // True when a handle is somewhere inside.
  bool has_handles = false;
  // A handle that is passed as an object: of a stream, future or error context.
  bool is_object() const {
    return kind == TypeKind::Stream || kind == TypeKind::Future || kind == TypeKind::ErrorContext;
  }
  bool has_borrow = false;
  // True when a string or list is somewhere inside.
  bool has_pointers = false;
  uint8_t discriminant_size = 0;
  uint32_t size = 0;
  uint32_t align = 1;
  uint32_t payload_offset = 0;
  // Levels of types below this one.
  uint32_t depth = 1;
  // The length of a fixed list, the number of flags.
  uint32_t count = 0;
  ResourceIndex resource;
  // The element of a list, the payload of a stream or future, which may be absent.
  TypeRef element = nullptr;
  std::vector<TypeMember> members;
  std::vector<FlatType> flat;
  // How many flat values there are, saturated at kFlatMax + 1.
  uint32_t flat_count = 0;
};

struct FunctionParam {
  std::string name;
  TypeRef type = nullptr;
};

struct FunctionType {
  std::vector<FunctionParam> params;
  TypeRef result = nullptr;  // absent: nothing is returned
  bool is_async = false;
};

// Makes and owns the types of one plan.
class TypeTable {
 public:
  TypeTable();
  TypeTable(TypeTable&&) = default;
  TypeTable& operator=(TypeTable&&) = default;

  // Scalars, char, string, error-context.
  TypeRef primitive(TypeKind kind) const { return primitives_[static_cast<size_t>(kind)]; }
  Result<TypeRef> record(std::vector<TypeMember> fields);
  Result<TypeRef> tuple(std::span<const TypeRef> elements);
  Result<TypeRef> variant(std::vector<TypeMember> cases);
  Result<TypeRef> enumeration(std::vector<std::string> labels);
  Result<TypeRef> option(TypeRef payload);
  Result<TypeRef> result(TypeRef ok, TypeRef error);
  Result<TypeRef> list(TypeRef element);
  Result<TypeRef> fixed_list(TypeRef element, uint32_t length);
  Result<TypeRef> map(TypeRef key, TypeRef value);
  Result<TypeRef> flags(std::vector<std::string> labels);
  Result<TypeRef> own(ResourceIndex resource);
  Result<TypeRef> borrow(ResourceIndex resource);
  // `kind` is Stream or Future.
  Result<TypeRef> channel(TypeKind kind, TypeRef payload);

  // The parameters of a call as one tuple.
  Result<TypeRef> params_tuple(const FunctionType& type);

 private:
  Result<TypeRef> intern(ValueType type);

  static constexpr size_t kPrimitives = static_cast<size_t>(TypeKind::ErrorContext) + 1;

  std::array<TypeRef, kPrimitives> primitives_{};
  std::unordered_map<std::string, TypeRef> by_key_;
  std::vector<std::unique_ptr<const ValueType>> types_;
};

// A type that one position of both joined cases can hold.
FlatType join(FlatType a, FlatType b);

constexpr uint32_t align_to(uint32_t offset, uint32_t alignment) {
  return (offset + alignment - 1) & ~(alignment - 1);
}

}  // namespace spindle::component
