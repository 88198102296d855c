#include "component/plan/type_evaluator.h"

#include <fmt/format.h>

namespace spindle::component::plan_detail {
namespace {

TypeKind kind_of(PrimitiveType type) {
  switch (type) {
    case PrimitiveType::Bool: return TypeKind::Bool;
    case PrimitiveType::S8: return TypeKind::S8;
    case PrimitiveType::U8: return TypeKind::U8;
    case PrimitiveType::S16: return TypeKind::S16;
    case PrimitiveType::U16: return TypeKind::U16;
    case PrimitiveType::S32: return TypeKind::S32;
    case PrimitiveType::U32: return TypeKind::U32;
    case PrimitiveType::S64: return TypeKind::S64;
    case PrimitiveType::U64: return TypeKind::U64;
    case PrimitiveType::F32: return TypeKind::F32;
    case PrimitiveType::F64: return TypeKind::F64;
    case PrimitiveType::Char: return TypeKind::Char;
    case PrimitiveType::String: return TypeKind::String;
    case PrimitiveType::ErrorContext: return TypeKind::ErrorContext;
  }
  return TypeKind::Bool;
}

std::vector<std::string> copies(const std::vector<std::string_view>& labels) {
  return {labels.begin(), labels.end()};
}

template <typename... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace

Result<TypeSymbol> type_at(TypeIndex index, const Environment& env) {
  if (index.value >= env.types.size()) return Error::internal("a type index out of range");
  return env.types[index.value];
}

Result<TypeRef> TypeEvaluator::use(const ValueTypeUse& use, const Environment& env) {
  if (const auto* primitive = std::get_if<PrimitiveType>(&use)) {
    return types_.primitive(kind_of(*primitive));
  }
  const TypeSymbol symbol = TRY(type_at(std::get<TypeIndex>(use), env));
  if (const auto* type = std::get_if<TypeRef>(&symbol)) return *type;
  return Error::internal("a type that is not a value type is used as one");
}

Result<TypeRef> TypeEvaluator::optional_use(const std::optional<ValueTypeUse>& type,
                                            const Environment& env) {
  if (!type) return TypeRef{nullptr};
  return use(*type, env);
}

Result<ResourceIndex> TypeEvaluator::resource(TypeIndex index, const Environment& env) {
  const TypeSymbol symbol = TRY(type_at(index, env));
  if (const auto* resource = std::get_if<ResourceIndex>(&symbol)) return *resource;
  return Error::internal("a type that is not a resource is used as one");
}

Result<std::shared_ptr<const FunctionType>> TypeEvaluator::function(TypeIndex index,
                                                                    const Environment& env) {
  const TypeSymbol symbol = TRY(type_at(index, env));
  if (const auto* type = std::get_if<std::shared_ptr<const FunctionType>>(&symbol)) return *type;
  return Error::internal("a type that is not a function type is used as one");
}

Result<std::shared_ptr<const FunctionType>> TypeEvaluator::function_type(const FuncDef& definition,
                                                                         const Environment& env) {
  auto made = std::make_shared<FunctionType>();
  made->is_async = definition.is_async;
  for (const NamedTypeUse& param : definition.params) {
    TypeRef type = TRY(use(param.type, env));
    made->params.push_back({std::string(param.name), type});
  }
  made->result = TRY(optional_use(definition.result, env));
  return std::shared_ptr<const FunctionType>(std::move(made));
}

Result<TypeSymbol> TypeEvaluator::evaluate(const TypeDef& definition, const Environment& env) {
  if (const auto* function = std::get_if<FuncDef>(&definition.kind)) {
    auto type = TRY(function_type(*function, env));
    return TypeSymbol(std::move(type));
  }
  TypeRef type = TRY(value_type(definition, env));
  return TypeSymbol(type);
}

Result<TypeRef> TypeEvaluator::record_type(const RecordDef& record, const Environment& env) {
  std::vector<TypeMember> fields;
  for (const NamedTypeUse& field : record.fields) {
    TypeRef type = TRY(use(field.type, env));
    fields.push_back({std::string(field.name), type, 0});
  }
  return types_.record(std::move(fields));
}

Result<TypeRef> TypeEvaluator::variant_type(const VariantDef& variant, const Environment& env) {
  std::vector<TypeMember> cases;
  for (const CaseDef& option : variant.cases) {
    TypeRef type = TRY(optional_use(option.type, env));
    cases.push_back({std::string(option.name), type, 0});
  }
  return types_.variant(std::move(cases));
}

Result<TypeRef> TypeEvaluator::value_type(const TypeDef& definition, const Environment& env) {
  return std::visit(
      Overloaded{
          [&](PrimitiveType type) -> Result<TypeRef> { return types_.primitive(kind_of(type)); },
          [&](const RecordDef& record) { return record_type(record, env); },
          [&](const VariantDef& variant) { return variant_type(variant, env); },
          [&](const ListDef& list) -> Result<TypeRef> {
            TypeRef element = TRY(use(list.element, env));
            return types_.list(element);
          },
          [&](const FixedListDef& list) -> Result<TypeRef> {
            TypeRef element = TRY(use(list.element, env));
            return types_.fixed_list(element, list.length);
          },
          [&](const MapDef& map) -> Result<TypeRef> {
            TypeRef key = TRY(use(map.key, env));
            TypeRef value = TRY(use(map.value, env));
            return types_.map(key, value);
          },
          [&](const TupleDef& tuple) -> Result<TypeRef> {
            std::vector<TypeRef> elements;
            for (const ValueTypeUse& element : tuple.elements) {
              TypeRef type = TRY(use(element, env));
              elements.push_back(type);
            }
            return types_.tuple(elements);
          },
          [&](const FlagsDef& flags) -> Result<TypeRef> {
            return types_.flags(copies(flags.labels));
          },
          [&](const EnumDef& type) -> Result<TypeRef> {
            return types_.enumeration(copies(type.labels));
          },
          [&](const OptionDef& option) -> Result<TypeRef> {
            TypeRef payload = TRY(use(option.payload, env));
            return types_.option(payload);
          },
          [&](const ResultDef& result) -> Result<TypeRef> {
            TypeRef ok = TRY(optional_use(result.ok, env));
            TypeRef error = TRY(optional_use(result.error, env));
            return types_.result(ok, error);
          },
          [&](const OwnDef& own) -> Result<TypeRef> {
            const ResourceIndex index = TRY(resource(own.resource, env));
            return types_.own(index);
          },
          [&](const BorrowDef& borrow) -> Result<TypeRef> {
            const ResourceIndex index = TRY(resource(borrow.resource, env));
            return types_.borrow(index);
          },
          [&](const StreamDef& stream) -> Result<TypeRef> {
            TypeRef payload = TRY(optional_use(stream.payload, env));
            return types_.channel(TypeKind::Stream, payload);
          },
          [&](const FutureDef& future) -> Result<TypeRef> {
            TypeRef payload = TRY(optional_use(future.payload, env));
            return types_.channel(TypeKind::Future, payload);
          },
          [](const auto&) -> Result<TypeRef> {
            return Error::internal("a definition that is not a value type is used as one");
          },
      },
      definition.kind);
}

}  // namespace spindle::component::plan_detail
