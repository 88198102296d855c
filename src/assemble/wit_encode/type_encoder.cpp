#include "assemble/wit_encode/type_encoder.h"

#include <array>

namespace spindle::assemble {
namespace {

using component::PrimitiveType;
using component::TypeIndex;
using component::ValueTypeUse;

PrimitiveType primitive_of(wit::Primitive primitive) {
  static constexpr std::array kTypes = {
      PrimitiveType::Bool,   PrimitiveType::U8,          PrimitiveType::U16, PrimitiveType::U32,
      PrimitiveType::U64,    PrimitiveType::S8,          PrimitiveType::S16, PrimitiveType::S32,
      PrimitiveType::S64,    PrimitiveType::F32,         PrimitiveType::F64, PrimitiveType::Char,
      PrimitiveType::String, PrimitiveType::ErrorContext};
  static_assert(kTypes.size() == static_cast<size_t>(wit::Primitive::ErrorContext) + 1);
  return kTypes.at(static_cast<size_t>(primitive));
}

template <typename Labels>
std::vector<std::string_view> label_names(const Labels& labels) {
  std::vector<std::string_view> names;
  names.reserve(labels.size());
  for (const auto& label : labels) names.push_back(label.name);
  return names;
}

}  // namespace

Result<ValueTypeUse> TypeEncoder::use(const wit::Type& type) {
  if (const auto* primitive = std::get_if<wit::Primitive>(&type)) {
    return ValueTypeUse(primitive_of(*primitive));
  }
  auto defined = TRY(index(std::get<wit::TypeId>(type)));
  return ValueTypeUse(defined);
}

Result<std::optional<ValueTypeUse>> TypeEncoder::use_optional(
    const std::optional<wit::Type>& type) {
  if (!type) return std::optional<ValueTypeUse>();
  auto used = TRY(use(*type));
  return std::optional<ValueTypeUse>(used);
}

Result<TypeIndex> TypeEncoder::index(wit::TypeId id) {
  id = canonical(id);
  if (auto known = known_.find(id); known != known_.end()) return known->second;
  auto encoded = TRY(encode(id));
  known_.emplace(id, encoded);
  return encoded;
}

Result<TypeIndex> TypeEncoder::encode(wit::TypeId id) {
  const auto& def = resolve().type(id);
  if (!def.name.empty()) {
    auto found = TRY(elsewhere(id));
    if (found) return *found;
  }
  if (std::holds_alternative<wit::Resource>(def.kind)) return resource(id);
  TypeIndex type;
  const auto* alias = std::get_if<wit::Alias>(&def.kind);
  if (alias != nullptr && std::holds_alternative<wit::TypeId>(alias->target)) {
    type = TRY(index(std::get<wit::TypeId>(alias->target)));
  } else if (alias != nullptr) {
    type = define(primitive_of(std::get<wit::Primitive>(alias->target)));
  } else {
    auto kind = TRY(kind_of(def.kind));
    type = define(std::move(kind));
  }
  if (def.name.empty()) return type;
  return name_type(id, type);
}

Result<TypeEncoder::Kind> TypeEncoder::kind_of(const wit::TypeKind& kind) {
  if (const auto* it = std::get_if<wit::Record>(&kind)) return record(*it);
  if (const auto* it = std::get_if<wit::Variant>(&kind)) return variant(*it);
  if (const auto* it = std::get_if<wit::Tuple>(&kind)) return tuple(*it);
  if (const auto* it = std::get_if<wit::Handle>(&kind)) return handle(*it);
  if (const auto* it = std::get_if<wit::Enum>(&kind)) {
    return Kind(component::EnumDef{label_names(it->cases)});
  }
  if (const auto* it = std::get_if<wit::Flags>(&kind)) {
    return Kind(component::FlagsDef{label_names(it->flags)});
  }
  if (const auto* it = std::get_if<wit::Option>(&kind)) {
    auto payload = TRY(use(it->some));
    return Kind(component::OptionDef{payload});
  }
  if (const auto* it = std::get_if<wit::List>(&kind)) {
    auto element = TRY(use(it->element));
    return Kind(component::ListDef{element});
  }
  return kind_of_two(kind);
}

Result<TypeEncoder::Kind> TypeEncoder::kind_of_two(const wit::TypeKind& kind) {
  if (const auto* it = std::get_if<wit::ResultType>(&kind)) {
    auto ok = TRY(use_optional(it->ok));
    auto error = TRY(use_optional(it->error));
    return Kind(component::ResultDef{ok, error});
  }
  if (const auto* it = std::get_if<wit::FixedList>(&kind)) {
    auto element = TRY(use(it->element));
    return Kind(component::FixedListDef{element, it->length});
  }
  if (const auto* it = std::get_if<wit::Map>(&kind)) {
    auto key = TRY(use(it->key));
    auto value = TRY(use(it->value));
    return Kind(component::MapDef{key, value});
  }
  if (const auto* it = std::get_if<wit::Stream>(&kind)) {
    auto payload = TRY(use_optional(it->element));
    return Kind(component::StreamDef{payload});
  }
  const auto* future = std::get_if<wit::Future>(&kind);
  VERIFY(future != nullptr);
  auto payload = TRY(use_optional(future->value));
  return Kind(component::FutureDef{payload});
}

Result<TypeEncoder::Kind> TypeEncoder::record(const wit::Record& record) {
  component::RecordDef def;
  for (const auto& field : record.fields) {
    auto type = TRY(use(field.type));
    def.fields.push_back({field.name, type});
  }
  return Kind(std::move(def));
}

Result<TypeEncoder::Kind> TypeEncoder::variant(const wit::Variant& variant) {
  component::VariantDef def;
  for (const auto& one : variant.cases) {
    auto payload = TRY(use_optional(one.payload));
    def.cases.push_back({one.name, payload});
  }
  return Kind(std::move(def));
}

Result<TypeEncoder::Kind> TypeEncoder::tuple(const wit::Tuple& tuple) {
  component::TupleDef def;
  for (const auto& element : tuple.types) {
    auto type = TRY(use(element));
    def.elements.push_back(type);
  }
  return Kind(std::move(def));
}

Result<TypeEncoder::Kind> TypeEncoder::handle(const wit::Handle& handle) {
  auto resource = TRY(index(handle.resource));
  if (handle.ownership == wit::Ownership::Own) return Kind(component::OwnDef{resource});
  return Kind(component::BorrowDef{resource});
}

Result<TypeIndex> TypeEncoder::function(const wit::Function& function) {
  component::FuncDef def;
  def.is_async = function.asyncness == wit::Asyncness::Async;
  for (const auto& param : function.params) {
    auto type = TRY(use(param.type));
    def.params.push_back({param.name, type});
  }
  def.result = TRY(use_optional(function.result));
  return define(std::move(def));
}

}  // namespace spindle::assemble
