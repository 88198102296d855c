#include "component/values/value_type.h"

#include <algorithm>

#include <fmt/format.h>

namespace spindle::component {
namespace {

constexpr uint32_t kDepthMax = 100;
constexpr size_t kTypesMax = 200'000;

struct ScalarLayout {
  uint32_t size;
  FlatType flat;
};

ScalarLayout scalar_layout(TypeKind kind) {
  switch (kind) {
    case TypeKind::Bool:
    case TypeKind::S8:
    case TypeKind::U8: return {1, FlatType::I32};
    case TypeKind::S16:
    case TypeKind::U16: return {2, FlatType::I32};
    case TypeKind::S64:
    case TypeKind::U64: return {8, FlatType::I64};
    case TypeKind::F32: return {4, FlatType::F32};
    case TypeKind::F64: return {8, FlatType::F64};
    default: return {4, FlatType::I32};
  }
}

bool every_pattern_is_a_value(TypeKind kind) {
  switch (kind) {
    case TypeKind::Bool:
    case TypeKind::Char:
    case TypeKind::F32:
    case TypeKind::F64:
    case TypeKind::ErrorContext: return false;
    default: return true;
  }
}

uint8_t discriminant_size(size_t cases) {
  if (cases <= 0x100) return 1;
  return cases <= 0x10000 ? 2 : 4;
}

TypeShape shape_of(TypeKind kind) {
  switch (kind) {
    case TypeKind::String: return TypeShape::String;
    case TypeKind::Record:
    case TypeKind::Tuple: return TypeShape::Record;
    case TypeKind::Variant:
    case TypeKind::Enum:
    case TypeKind::Option:
    case TypeKind::Result: return TypeShape::Variant;
    case TypeKind::List:
    case TypeKind::Map: return TypeShape::List;
    case TypeKind::FixedList: return TypeShape::FixedList;
    case TypeKind::Flags: return TypeShape::Flags;
    case TypeKind::Own:
    case TypeKind::Borrow:
    case TypeKind::Stream:
    case TypeKind::Future:
    case TypeKind::ErrorContext: return TypeShape::Handle;
    default: return TypeShape::Scalar;
  }
}

void append_flat(ValueType& type, std::span<const FlatType> flat, uint32_t count) {
  for (FlatType item : flat) {
    if (type.flat.size() < ValueType::kFlatMax) type.flat.push_back(item);
  }
  type.flat_count = std::min<uint32_t>(type.flat_count + count, ValueType::kFlatMax + 1);
}

void inherit(ValueType& type, TypeRef child) {
  if (child == nullptr) return;
  type.has_handles |= child->has_handles;
  type.has_borrow |= child->has_borrow;
  type.has_pointers |= child->has_pointers;
  type.depth = std::max(type.depth, child->depth + 1);
}

void lay_out_record(ValueType& type, uint64_t& size) {
  type.copyable = true;
  uint64_t packed = 0;
  for (TypeMember& field : type.members) {
    type.align = std::max(type.align, field.type->align);
    size = (size + field.type->align - 1) / field.type->align * field.type->align;
    field.offset = static_cast<uint32_t>(std::min<uint64_t>(size, UINT32_MAX));
    size += field.type->size;
    packed += field.type->size;
    type.copyable &= field.type->copyable;
    append_flat(type, field.type->flat, field.type->flat_count);
  }
  size = (size + type.align - 1) / type.align * type.align;
  // Padding is not part of the value: a copy would carry the sender's bytes across.
  type.copyable &= packed == size;
}

void lay_out_variant(ValueType& type, uint64_t& size) {
  type.discriminant_size = discriminant_size(type.members.size());
  type.align = type.discriminant_size;
  uint32_t payload_align = 1;
  uint64_t payload_size = 0;
  std::vector<FlatType> joined;
  uint32_t joined_count = 0;
  for (const TypeMember& option : type.members) {
    if (option.type == nullptr) continue;
    payload_align = std::max(payload_align, option.type->align);
    payload_size = std::max<uint64_t>(payload_size, option.type->size);
    joined_count = std::max(joined_count, option.type->flat_count);
    for (size_t i = 0; i < option.type->flat.size(); ++i) {
      if (i < joined.size()) {
        joined[i] = join(joined[i], option.type->flat[i]);
      } else {
        joined.push_back(option.type->flat[i]);
      }
    }
  }
  type.align = std::max(type.align, payload_align);
  type.payload_offset = align_to(type.discriminant_size, payload_align);
  size = (type.payload_offset + payload_size + type.align - 1) / type.align * type.align;
  append_flat(type, std::array{FlatType::I32}, 1);
  append_flat(type, joined, joined_count);
}

uint64_t lay_out_flags(ValueType& type) {
  const uint32_t count = type.count;
  type.align = count <= 8 ? 1 : count <= 16 ? 2 : 4;
  append_flat(type, std::array{FlatType::I32}, 1);
  return type.align;
}

uint64_t lay_out_fixed_list(ValueType& type) {
  type.align = type.element->align;
  type.copyable = type.element->copyable;
  for (uint32_t i = 0; i < std::min<uint32_t>(type.count, ValueType::kFlatMax + 1); ++i) {
    append_flat(type, type.element->flat, type.element->flat_count);
  }
  return uint64_t{type.element->size} * type.count;
}

uint64_t lay_out_pointer_pair(ValueType& type) {
  type.align = 4;
  type.has_pointers = true;
  append_flat(type, std::array{FlatType::I32, FlatType::I32}, 2);
  return 8;
}

Result<void> lay_out(ValueType& type) {
  if (type.shape == TypeShape::Handle) {
    if (type.element != nullptr) type.depth = type.element->depth + 1;
  } else {
    inherit(type, type.element);
  }
  for (const TypeMember& member : type.members) inherit(type, member.type);
  uint64_t size = 0;
  switch (type.shape) {
    case TypeShape::Scalar:
    case TypeShape::Handle: {
      const ScalarLayout layout = scalar_layout(type.kind);
      size = layout.size;
      type.align = layout.size;
      type.copyable = type.shape == TypeShape::Scalar && every_pattern_is_a_value(type.kind);
      type.has_handles |= type.shape == TypeShape::Handle;
      type.has_borrow |= type.kind == TypeKind::Borrow;
      append_flat(type, std::array{layout.flat}, 1);
      break;
    }
    case TypeShape::String:
    case TypeShape::List: size = lay_out_pointer_pair(type); break;
    case TypeShape::FixedList: size = lay_out_fixed_list(type); break;
    case TypeShape::Record: lay_out_record(type, size); break;
    case TypeShape::Variant: lay_out_variant(type, size); break;
    case TypeShape::Flags: size = lay_out_flags(type); break;
  }
  if (size > ValueType::kByteSizeMax) {
    return Error::limit_exceeded(fmt::format("a value type has {} bytes, at most {} are allowed",
                                             size, ValueType::kByteSizeMax));
  }
  type.size = static_cast<uint32_t>(size);
  return {};
}

void append_key(std::string& key, uint64_t number) {
  key.append(reinterpret_cast<const char*>(&number), sizeof number);
}

std::string key_of(const ValueType& type) {
  std::string key;
  key.push_back(static_cast<char>(type.kind));
  append_key(key, type.count);
  append_key(key, type.resource.value);
  append_key(key, reinterpret_cast<uintptr_t>(type.element));
  for (const TypeMember& member : type.members) {
    append_key(key, member.label.size());
    key += member.label;
    append_key(key, reinterpret_cast<uintptr_t>(member.type));
  }
  return key;
}

ValueType make(TypeKind kind) {
  ValueType type;
  type.kind = kind;
  type.shape = shape_of(kind);
  return type;
}

std::vector<TypeMember> unlabeled(std::vector<std::string> labels) {
  std::vector<TypeMember> members;
  members.reserve(labels.size());
  for (std::string& label : labels) members.push_back({std::move(label), nullptr, 0});
  return members;
}

}  // namespace

FlatType join(FlatType a, FlatType b) {
  if (a == b) return a;
  const bool small =
      (a == FlatType::I32 || a == FlatType::F32) && (b == FlatType::I32 || b == FlatType::F32);
  return small ? FlatType::I32 : FlatType::I64;
}

Result<TypeRef> TypeTable::intern(ValueType type) {
  std::string key = key_of(type);
  if (auto found = by_key_.find(key); found != by_key_.end()) return found->second;
  if (types_.size() >= kTypesMax) {
    return Error::limit_exceeded(fmt::format("more than {} value types", kTypesMax));
  }
  TRY(lay_out(type));
  if (type.depth > kDepthMax) {
    return Error::limit_exceeded(fmt::format("value types nested deeper than {}", kDepthMax));
  }
  types_.push_back(std::make_unique<const ValueType>(std::move(type)));
  TypeRef made = types_.back().get();
  by_key_.emplace(std::move(key), made);
  return made;
}

TypeTable::TypeTable() {
  for (size_t i = 0; i < kPrimitives; ++i) {
    primitives_[i] = intern(make(static_cast<TypeKind>(i))).value();
  }
}

Result<TypeRef> TypeTable::record(std::vector<TypeMember> fields) {
  ValueType type = make(TypeKind::Record);
  type.members = std::move(fields);
  return intern(std::move(type));
}

Result<TypeRef> TypeTable::tuple(std::span<const TypeRef> elements) {
  ValueType type = make(TypeKind::Tuple);
  for (TypeRef element : elements) type.members.push_back({{}, element, 0});
  return intern(std::move(type));
}

Result<TypeRef> TypeTable::variant(std::vector<TypeMember> cases) {
  ValueType type = make(TypeKind::Variant);
  type.members = std::move(cases);
  return intern(std::move(type));
}

Result<TypeRef> TypeTable::enumeration(std::vector<std::string> labels) {
  ValueType type = make(TypeKind::Enum);
  type.members = unlabeled(std::move(labels));
  return intern(std::move(type));
}

Result<TypeRef> TypeTable::option(TypeRef payload) {
  ValueType type = make(TypeKind::Option);
  type.members = {{"none", nullptr, 0}, {"some", payload, 0}};
  return intern(std::move(type));
}

Result<TypeRef> TypeTable::result(TypeRef ok, TypeRef error) {
  ValueType type = make(TypeKind::Result);
  type.members = {{"ok", ok, 0}, {"error", error, 0}};
  return intern(std::move(type));
}

Result<TypeRef> TypeTable::list(TypeRef element) {
  ValueType type = make(TypeKind::List);
  type.element = element;
  return intern(std::move(type));
}

Result<TypeRef> TypeTable::fixed_list(TypeRef element, uint32_t length) {
  ValueType type = make(TypeKind::FixedList);
  type.element = element;
  type.count = length;
  return intern(std::move(type));
}

Result<TypeRef> TypeTable::map(TypeRef key, TypeRef value) {
  ValueType type = make(TypeKind::Map);
  type.element = TRY(tuple(std::array{key, value}));
  return intern(std::move(type));
}

Result<TypeRef> TypeTable::flags(std::vector<std::string> labels) {
  ValueType type = make(TypeKind::Flags);
  type.count = static_cast<uint32_t>(labels.size());
  type.members = unlabeled(std::move(labels));
  return intern(std::move(type));
}

Result<TypeRef> TypeTable::own(ResourceIndex resource) {
  ValueType type = make(TypeKind::Own);
  type.resource = resource;
  return intern(std::move(type));
}

Result<TypeRef> TypeTable::borrow(ResourceIndex resource) {
  ValueType type = make(TypeKind::Borrow);
  type.resource = resource;
  return intern(std::move(type));
}

Result<TypeRef> TypeTable::channel(TypeKind kind, TypeRef payload) {
  ValueType type = make(kind);
  type.element = payload;
  return intern(std::move(type));
}

Result<TypeRef> TypeTable::params_tuple(const FunctionType& type) {
  std::vector<TypeRef> elements;
  for (const FunctionParam& param : type.params) elements.push_back(param.type);
  return tuple(elements);
}

}  // namespace spindle::component
