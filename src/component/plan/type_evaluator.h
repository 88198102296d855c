#pragma once

// Type definitions to types of the plan: names of the environment resolved, equal types shared.
// Internal to component/plan.

#include "component/plan/symbols.h"

namespace spindle::component::plan_detail {

class TypeEvaluator {
 public:
  explicit TypeEvaluator(TypeTable& types) : types_(types) {}

  // Any definition but a resource, a component type or an instance type.
  Result<TypeSymbol> evaluate(const TypeDef& definition, const Environment& env);
  Result<TypeRef> use(const ValueTypeUse& use, const Environment& env);
  Result<ResourceIndex> resource(TypeIndex index, const Environment& env);
  Result<std::shared_ptr<const FunctionType>> function(TypeIndex index, const Environment& env);

 private:
  Result<TypeRef> optional_use(const std::optional<ValueTypeUse>& use, const Environment& env);
  Result<TypeRef> record_type(const RecordDef& record, const Environment& env);
  Result<TypeRef> variant_type(const VariantDef& variant, const Environment& env);
  Result<TypeRef> value_type(const TypeDef& definition, const Environment& env);
  Result<std::shared_ptr<const FunctionType>> function_type(const FuncDef& definition,
                                                            const Environment& env);

  TypeTable& types_;
};

Result<TypeSymbol> type_at(TypeIndex index, const Environment& env);

}  // namespace spindle::component::plan_detail
