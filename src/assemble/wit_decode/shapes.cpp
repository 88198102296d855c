#include "assemble/wit_decode/shapes.h"

#include <fmt/format.h>

namespace spindle::assemble {

using component::ExternKind;
using component::Sort;

namespace {

// What a scope costs beside what is in it.
constexpr uint64_t kScopeSteps = 10;

const TypeShape& type_at(const Scope& scope, uint32_t index) {
  VERIFY(index < scope.types.size());
  return *scope.types[index];
}

// The argument or export of that name, where one is given.
template <typename T>
const T* find_actual(const EntityShape* actual) {
  return actual == nullptr ? nullptr : std::get_if<T>(actual);
}

}  // namespace

const TypeShape& TypeShape::structure() const {
  const auto* found = this;
  while (found->original != nullptr) found = found->original;
  return *found;
}

bool TypeShape::is_resource() const {
  const auto& found = structure();
  return found.definition == nullptr ||
         std::holds_alternative<component::ResourceDef>(found.definition->kind);
}

void InstanceShape::add(const component::ExternName& name, EntityShape entity) {
  index.try_emplace(name.name, exports.size());
  exports.push_back({name, entity});
}

const EntityShape* InstanceShape::find(std::string_view name) const {
  auto found = index.find(name);
  return found == index.end() ? nullptr : &exports[found->second].entity;
}

Result<void> ShapeEvaluator::step(uint64_t count) {
  steps_ += count;
  if (steps_ <= kMaxShapeSteps) return {};
  return Error::limit_exceeded(
      fmt::format("the component's instantiations take more than {} steps", kMaxShapeSteps));
}

const TypeShape* ShapeEvaluator::name(const TypeShape* original) {
  return &types_.emplace_back(TypeShape{nullptr, nullptr, original});
}

void ShapeEvaluator::append(const EntityShape& entity, Scope& scope) {
  if (const auto* type = std::get_if<const TypeShape*>(&entity)) scope.types.push_back(*type);
  if (const auto* function = std::get_if<FunctionShape>(&entity)) {
    scope.functions.push_back(*function);
  }
  if (const auto* instance = std::get_if<const InstanceShape*>(&entity)) {
    scope.instances.push_back(*instance);
  }
  if (const auto* component = std::get_if<ComponentShape>(&entity)) {
    scope.components.push_back(*component);
  }
}

// The space of the sort decides, since validation has checked the index.
EntityShape ShapeEvaluator::item(component::SortIndex item, const Scope& scope) const {
  switch (item.sort) {
    case Sort::Func: return scope.functions.at(item.index);
    case Sort::Type: return scope.types.at(item.index);
    case Sort::Component: return scope.components.at(item.index);
    case Sort::Instance: return scope.instances.at(item.index);
    default: return ModuleShape{};
  }
}

Result<EntityShape> ShapeEvaluator::describe(const component::ExternDesc& desc, Scope& scope,
                                             const EntityShape* actual) {
  const auto* type = find_actual<const TypeShape*>(actual);
  switch (desc.kind) {
    case ExternKind::Module: return EntityShape(ModuleShape{});
    case ExternKind::TypeEq:
      return EntityShape(type != nullptr ? *type : name(&type_at(scope, desc.index)));
    case ExternKind::TypeResource: return EntityShape(type != nullptr ? *type : name(nullptr));
    case ExternKind::Value: return Error::not_supported("component values are not supported");
    default: break;
  }
  const auto& structure = type_at(scope, desc.index).structure();
  VERIFY(structure.definition != nullptr);
  const auto& kind = structure.definition->kind;
  if (desc.kind == ExternKind::Func) {
    return EntityShape(FunctionShape{&std::get<component::FuncDef>(kind), structure.scope});
  }
  if (desc.kind == ExternKind::Component) {
    if (const auto* given = find_actual<ComponentShape>(actual)) return EntityShape(*given);
    const auto* declared = &std::get<component::ComponentTypeDef>(kind);
    return EntityShape(ComponentShape{nullptr, declared, structure.scope});
  }
  const auto* given = find_actual<const InstanceShape*>(actual);
  const auto* made = TRY(instance(std::get<component::InstanceTypeDef>(kind), structure.scope,
                                  given == nullptr ? nullptr : *given));
  return EntityShape(made);
}

Result<const InstanceShape*> ShapeEvaluator::instance(const component::InstanceTypeDef& type,
                                                      Scope* outer, const InstanceShape* actual) {
  if (++depth_ > kMaxInstantiationDepth) {
    return Error::limit_exceeded(
        fmt::format("instances nest deeper than {} levels", kMaxInstantiationDepth));
  }
  TRY(step(kScopeSteps));
  auto& scope = scopes_.emplace_back();
  scope.outer = outer;
  for (const auto& declarator : type.declarators) {
    if (const auto* declared = std::get_if<component::ExportDecl>(&declarator.kind)) {
      TRY(step());
      TRY(add_declared(*declared, scope, actual));
    } else {
      TRY(add(declarator, scope, nullptr));
    }
  }
  --depth_;
  return &scope.exports;
}

Result<void> ShapeEvaluator::add_declared(const component::ExportDecl& declared, Scope& scope,
                                          const InstanceShape* actual) {
  const auto* given = actual == nullptr ? nullptr : actual->find(declared.name.name);
  auto entity = TRY(describe(declared.desc, scope, given));
  append(entity, scope);
  scope.exports.add(declared.name, entity);
  return {};
}

Result<Scope*> ShapeEvaluator::enter(const ComponentShape& component, const Arguments* arguments) {
  if (++depth_ > kMaxInstantiationDepth) {
    return Error::limit_exceeded(
        fmt::format("instantiations nest deeper than {} levels", kMaxInstantiationDepth));
  }
  TRY(step(kScopeSteps));
  auto& scope = scopes_.emplace_back();
  scope.outer = component.scope;
  if (component.component != nullptr) {
    for (const auto& definition : component.component->definitions) {
      TRY(add(definition, scope, arguments));
    }
  } else {
    for (const auto& declarator : component.type->declarators) {
      TRY(add(declarator, scope, arguments));
    }
  }
  --depth_;
  return &scope;
}

Result<void> ShapeEvaluator::add(const component::Definition& definition, Scope& scope,
                                 const Arguments* arguments) {
  TRY(step());
  const auto& kind = definition.kind;
  if (const auto* type = std::get_if<component::TypeDef>(&kind)) return add_type(*type, scope);
  if (const auto* alias = std::get_if<component::AliasDef>(&kind)) return add_alias(*alias, scope);
  if (const auto* import = std::get_if<component::ImportDef>(&kind)) {
    return add_import(*import, scope, arguments);
  }
  if (const auto* def = std::get_if<component::ExportDef>(&kind)) return add_export(*def, scope);
  if (const auto* def = std::get_if<component::InstantiateDef>(&kind)) {
    return add_instance(*def, scope);
  }
  if (const auto* def = std::get_if<component::InlineExportsDef>(&kind)) add_instance(*def, scope);
  if (const auto* nested = std::get_if<component::NestedComponentDef>(&kind)) {
    scope.components.push_back({nested->component.get(), nullptr, &scope});
  }
  const auto* canon = std::get_if<component::CanonDef>(&kind);
  if (canon != nullptr && canon->op == component::CanonOp::Lift) {
    const auto& type = type_at(scope, canon->type.value).structure();
    VERIFY(type.definition != nullptr);
    scope.functions.push_back({&std::get<component::FuncDef>(type.definition->kind), type.scope});
  }
  return {};
}

Result<void> ShapeEvaluator::add(const component::Declarator& declarator, Scope& scope,
                                 const Arguments* arguments) {
  TRY(step());
  const auto& kind = declarator.kind;
  if (const auto* type = std::get_if<component::TypeDef>(&kind)) return add_type(*type, scope);
  if (const auto* alias = std::get_if<component::AliasDef>(&kind)) return add_alias(*alias, scope);
  if (const auto* import = std::get_if<component::ImportDef>(&kind)) {
    return add_import(*import, scope, arguments);
  }
  if (const auto* declared = std::get_if<component::ExportDecl>(&kind)) {
    return add_declared(*declared, scope, nullptr);
  }
  return {};
}

Result<void> ShapeEvaluator::add_type(const component::TypeDef& type, Scope& scope) {
  scope.types.push_back(&types_.emplace_back(TypeShape{&type, &scope, nullptr}));
  return {};
}

Result<void> ShapeEvaluator::add_alias(const component::AliasDef& alias, Scope& scope) {
  if (const auto* target = std::get_if<component::InstanceExportAlias>(&alias.target)) {
    const auto* found = scope.instances.at(target->instance.value)->find(target->name);
    VERIFY(found != nullptr);
    append(*found, scope);
    return {};
  }
  const auto* target = std::get_if<component::OuterAlias>(&alias.target);
  if (target == nullptr) return {};
  const auto* from = &scope;
  for (uint32_t i = 0; i < target->count; ++i) {
    from = from->outer;
    VERIFY(from != nullptr);
  }
  append(item({alias.sort, target->index}, *from), scope);
  return {};
}

Result<void> ShapeEvaluator::add_import(const component::ImportDef& import, Scope& scope,
                                        const Arguments* arguments) {
  const EntityShape* given = nullptr;
  if (arguments != nullptr) {
    auto found = arguments->find(import.name.name);
    if (found != arguments->end()) given = &found->second;
  }
  auto entity = TRY(describe(import.desc, scope, given));
  append(entity, scope);
  scope.imports.push_back({import.name, entity});
  return {};
}

Result<void> ShapeEvaluator::add_export(const component::ExportDef& def, Scope& scope) {
  auto entity = item(def.item, scope);
  const auto* type = std::get_if<const TypeShape*>(&entity);
  if (type != nullptr) {
    entity = name(*type);
  } else if (def.ascription) {
    auto given = entity;
    entity = TRY(describe(*def.ascription, scope, &given));
  }
  append(entity, scope);
  scope.exports.add(def.name, entity);
  return {};
}

Result<void> ShapeEvaluator::add_instance(const component::InstantiateDef& def, Scope& scope) {
  Arguments arguments;
  for (const auto& argument : def.args)
    arguments.emplace(argument.name, item(argument.item, scope));
  auto component = scope.components.at(def.component.value);
  const auto* made = TRY(enter(component, &arguments));
  scope.instances.push_back(&made->exports);
  return {};
}

void ShapeEvaluator::add_instance(const component::InlineExportsDef& def, Scope& scope) {
  auto& made = instances_.emplace_back();
  for (const auto& exported : def.exports) made.add(exported.name, item(exported.item, scope));
  scope.instances.push_back(&made);
}

Result<WorldShape> ShapeEvaluator::open(const ComponentShape& component) {
  const auto* scope = TRY(enter(component, nullptr));
  return WorldShape{scope->imports, scope->exports.exports};
}

Result<WorldShape> ShapeEvaluator::component(const component::Component& component) {
  return open({&component, nullptr, nullptr});
}

}  // namespace spindle::assemble
