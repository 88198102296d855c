#include "component/validate/validator.h"

#include <fmt/format.h>

#include "component/binary/core_module.h"
#include "component/binary/limits.h"

namespace spindle::component {

Error index_out_of_bounds(std::string_view sort, uint32_t index, size_t size) {
  return Error::invalid_input(
      fmt::format("{} index {} is out of bounds, there are {} so far", sort, index, size));
}

Error too_many_steps() {
  return Error::limit_exceeded("validation takes too many steps");
}

namespace {

// What messages call a definition or declarator, with the index that it would get.
struct Describe {
  const Scope& scope;

  std::string operator()(const CoreModuleDef&) const {
    return fmt::format("core module {}", scope.core_modules.size());
  }
  std::string operator()(const CoreInstantiateDef&) const {
    return fmt::format("core instance {}", scope.core_instances.size());
  }
  std::string operator()(const CoreInlineExportsDef&) const {
    return fmt::format("core instance {}", scope.core_instances.size());
  }
  std::string operator()(const CoreTypeDef&) const {
    return fmt::format("core type {}", scope.core_types.size());
  }
  std::string operator()(const NestedComponentDef&) const {
    return fmt::format("component {}", scope.components.size());
  }
  std::string operator()(const InstantiateDef&) const {
    return fmt::format("instance {}", scope.instances.size());
  }
  std::string operator()(const InlineExportsDef&) const {
    return fmt::format("instance {}", scope.instances.size());
  }
  std::string operator()(const AliasDef& def) const {
    return fmt::format("alias of a {}", to_string(def.sort));
  }
  std::string operator()(const TypeDef&) const {
    return fmt::format("type {}", scope.types.size());
  }
  std::string operator()(const CanonDef& def) const {
    if (def.op == CanonOp::Lift) return fmt::format("canon lift, function {}", scope.funcs.size());
    return fmt::format("canon {}, core function {}", to_string(def.op), scope.core_funcs.size());
  }
  std::string operator()(const ImportDef& def) const {
    return fmt::format("import `{}`", def.name.name);
  }
  std::string operator()(const ExportDef& def) const {
    return fmt::format("export `{}`", def.name.name);
  }
  std::string operator()(const ExportDecl& def) const {
    return fmt::format("export `{}`", def.name.name);
  }
};

}  // namespace

std::string describe_item(const Definition& definition, const Scope& scope) {
  return std::visit(Describe{scope}, definition.kind);
}
std::string describe_item(const Declarator& declarator, const Scope& scope) {
  return std::visit(Describe{scope}, declarator.kind);
}

Result<void> Validator::run() {
  TRY(check_component(root_));
  return {};
}

Result<TypeId> Validator::check_component(const Component& component) {
  scopes_.push_back(std::make_unique<Scope>(ScopeKind::Component));
  const auto& own = scope();
  for (const auto& definition : component.definitions) {
    auto checked = check(definition);
    if (types_.exhausted()) checked = too_many_steps();
    if (!checked) {
      return checked.take_error()
          .with_offset(definition.offset)
          .with_context(describe_item(definition, own));
    }
  }
  auto finished = std::move(scopes_.back());
  scopes_.pop_back();
  TypeNode node;
  node.kind = NodeKind::Component;
  node.scope = TRY(finish_component(*finished));
  return types_.add(std::move(node));
}

Result<void> Validator::check(const Definition& definition) {
  return std::visit([&](const auto& def) { return check_item(def, definition.offset); },
                    definition.kind);
}

Result<void> Validator::check_item(const CoreModuleDef& def, uint64_t offset) {
  auto module = TRY(read_core_module(def.bytes, offset));
  auto type = TRY(core_.add_module(module));
  scope().core_modules.push_back(type);
  return {};
}

Result<void> Validator::check_item(const CoreTypeDef& def, uint64_t) {
  auto& into = scope();
  const auto* module = std::get_if<ModuleTypeDef>(&def.kind);
  if (module == nullptr) return core_.intern(std::get<CoreRecGroup>(def.kind), into.core_types);
  auto type = TRY(define_module(*module));
  into.module_types.emplace(static_cast<uint32_t>(into.core_types.size()), type);
  into.core_types.push_back(kNotACoreType);
  return {};
}

Result<void> Validator::check_item(const NestedComponentDef& def, uint64_t) {
  auto type = TRY(check_component(*def.component));
  scope().components.push_back(type);
  return {};
}

Result<void> Validator::check_item(const TypeDef& def, uint64_t) {
  auto type = TRY(define(def));
  scope().types.push_back(type);
  return {};
}

Result<void> Validator::check_item(const AliasDef& def, uint64_t) {
  return std::visit([&](const auto& target) { return check_alias(def, target); }, def.target);
}

Result<void> Validator::check_alias(const AliasDef& def, const InstanceExportAlias& target) {
  bool in_type = scope().kind != ScopeKind::Component;
  if (in_type && def.sort != Sort::Type && def.sort != Sort::Instance) {
    return Error::invalid_input("aliases inside types may only refer to types or instances");
  }
  auto instance = TRY(at(scope().instances, target.instance.value, "instance"));
  const auto* found = types_[instance].scope->exports.find(target.name);
  if (found == nullptr) {
    return Error::invalid_input(
        fmt::format("instance {} has no export named `{}`", target.instance.value, target.name));
  }
  if (found->sort != def.sort) {
    return Error::invalid_input(fmt::format("export `{}` of instance {} is a {}, not a {}",
                                            target.name, target.instance.value,
                                            to_string(found->sort), to_string(def.sort)));
  }
  auto entity = *found;
  auto& into = scope();
  if (into.imported_instances.contains(target.instance.value)) {
    auto next = entity.sort == Sort::Func ? into.funcs.size() : into.instances.size();
    if (entity.sort == Sort::Func) into.imported_funcs.insert(static_cast<uint32_t>(next));
    if (entity.sort == Sort::Instance) into.imported_instances.insert(static_cast<uint32_t>(next));
  }
  return add_entity(entity, std::nullopt, {});
}

void Validator::add_core_item(const CoreExternType& type) {
  auto& into = scope();
  if (const auto* function = std::get_if<CoreFuncUse>(&type)) {
    into.core_funcs.emplace_back(function->type);
  } else if (const auto* table = std::get_if<CoreTableType>(&type)) {
    into.core_tables.push_back(*table);
  } else if (const auto* memory = std::get_if<CoreMemoryType>(&type)) {
    into.core_memories.push_back(*memory);
  } else if (const auto* global = std::get_if<CoreGlobalType>(&type)) {
    into.core_globals.push_back(*global);
  } else {
    into.core_tags.emplace_back(std::get<CoreTagUse>(type).type);
  }
}

Result<void> Validator::check_alias(const AliasDef& def, const CoreExportAlias& target) {
  const auto* exports = TRY(at(scope().core_instances, target.instance.value, "core instance"));
  auto found = exports->find(target.name);
  if (found == exports->end()) {
    return Error::invalid_input(fmt::format("core instance {} has no export named `{}`",
                                            target.instance.value, target.name));
  }
  if (found->second.index() != static_cast<size_t>(def.sort)) {
    return Error::invalid_input(fmt::format("export `{}` of core instance {} is a {}, not a {}",
                                            target.name, target.instance.value,
                                            core_kind_name(found->second), to_string(def.sort)));
  }
  add_core_item(found->second);
  return {};
}

// A component is closed: no resource of the components around it may leak in.
Result<void> Validator::check_outer_type(size_t target_scope, TypeId type) {
  if (target_scope + 1 >= scopes_.size()) return {};
  if (scopes_[target_scope + 1]->kind != ScopeKind::Component) return {};
  std::unordered_set<ResourceId> free;
  types_.collect_resources(type, free);
  if (free.empty()) return {};
  return Error::invalid_input(
      "outer alias to a type that transitively refers to resources not defined in this component");
}

Result<void> Validator::check_alias(const AliasDef& def, const OuterAlias& target) {
  if (target.count >= scopes_.size()) {
    return Error::invalid_input(fmt::format("invalid outer alias count of {}, there are {} scopes",
                                            target.count, scopes_.size()));
  }
  auto position = scopes_.size() - 1 - target.count;
  auto& from = *scopes_[position];
  bool in_type = scope().kind != ScopeKind::Component;
  if (in_type && def.sort != Sort::Type && def.sort != Sort::CoreType) {
    return Error::invalid_input("outer aliases inside types may only refer to types");
  }
  switch (def.sort) {
    case Sort::CoreModule: {
      auto module = TRY(at(from.core_modules, target.index, "core module"));
      scope().core_modules.push_back(module);
      return {};
    }
    case Sort::CoreType: {
      auto type = TRY(at(from.core_types, target.index, "core type"));
      auto& into = scope();
      if (type == kNotACoreType) {
        auto module = from.module_types.at(target.index);
        into.module_types.emplace(static_cast<uint32_t>(into.core_types.size()), module);
      }
      into.core_types.push_back(type);
      return {};
    }
    case Sort::Component: {
      auto component = TRY(at(from.components, target.index, "component"));
      TRY(check_outer_type(position, component));
      scope().components.push_back(component);
      return {};
    }
    default: {
      auto type = TRY(at(from.types, target.index, "type"));
      TRY(check_outer_type(position, type));
      scope().types.push_back(type);
      return {};
    }
  }
}

Result<void> Validator::check_item(const CanonDef& def, uint64_t) {
  if (def.op == CanonOp::Lift) return check_lift(def);
  auto type = TRY(check_canon(def));
  scope().core_funcs.push_back(type);
  return {};
}

Result<const CoreFuncType*> Validator::core_function_at(CoreFuncIndex index) {
  auto type = TRY(at(scope().core_funcs, index.value, "core function"));
  return core_.find_function(type);
}

Result<Entity> Validator::entity_at(SortIndex item) {
  Entity entity;
  entity.sort = item.sort;
  auto name = to_string(item.sort);
  switch (item.sort) {
    case Sort::CoreModule: entity.module = TRY(at(scope().core_modules, item.index, name)); break;
    case Sort::Func: entity.type = TRY(at(scope().funcs, item.index, name)); break;
    case Sort::Component: entity.type = TRY(at(scope().components, item.index, name)); break;
    case Sort::Instance: entity.type = TRY(at(scope().instances, item.index, name)); break;
    case Sort::Type:
      entity.type = TRY(at(scope().types, item.index, name));
      entity.referenced = entity.type;
      break;
    default:
      return Error::invalid_input(fmt::format("a {} cannot be passed or exported here", name));
  }
  return entity;
}

Result<std::shared_ptr<const ScopeType>> Validator::finish_component(Scope& done) {
  auto type = std::make_shared<ScopeType>();
  type->imported = std::move(done.imported_resources);
  type->explicit_paths = std::move(done.explicit_paths);
  std::unordered_set<ResourceId> free;
  for (const auto& item : done.imports.entities.items()) {
    types_.collect_resources(item.entity, free);
  }
  for (auto resource : done.defined_resources) {
    if (free.contains(resource)) {
      return Error::invalid_input("a resource type of the component occurs in its imports");
    }
  }
  free.clear();
  for (const auto& item : done.exports.entities.items()) {
    types_.collect_resources(item.entity, free);
  }
  for (auto resource : done.defined_resources) {
    if (!free.contains(resource)) continue;
    auto path = type->explicit_paths.find(resource);
    if (path == type->explicit_paths.end()) {
      return Error::invalid_input(
          "a resource type of the component occurs in its exports but is not exported itself");
    }
    type->defined.push_back({resource, path->second});
  }
  type->imports = std::move(done.imports.entities);
  type->exports = std::move(done.exports.entities);
  return std::shared_ptr<const ScopeType>(std::move(type));
}

Result<void> validate(const Component& component, const ValidationFeatures& features) {
  return Validator(component, features).run();
}

}  // namespace spindle::component
