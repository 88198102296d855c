// Core and component instances: what an instantiation is given must match what it imports.

#include <fmt/format.h>

#include <unordered_map>

#include "component/validate/validator.h"

namespace spindle::component {

Result<void> Validator::match_core_imports(ModuleTypeId module, const CoreInstantiateDef& def) {
  std::unordered_map<std::string_view, const CoreExports*> args;
  for (const auto& arg : def.args) {
    const auto* exports = TRY(at(scope().core_instances, arg.instance.value, "core instance"));
    if (!args.emplace(arg.name, exports).second) {
      return Error::invalid_input(
          fmt::format("core instantiation argument `{}` is given more than once", arg.name));
    }
  }
  if (!types_.spend(core_.module(module).imports.size())) return too_many_steps();
  for (const auto& import : core_.module(module).imports) {
    auto arg = args.find(import.module);
    if (arg == args.end()) {
      return Error::invalid_input(
          fmt::format("missing core instantiation argument `{}`", import.module));
    }
    auto item = arg->second->find(import.name);
    if (item == arg->second->end()) {
      return Error::invalid_input(
          fmt::format("core instantiation argument `{}` does not export an item named `{}`",
                      import.module, import.name));
    }
    TRY(core_.match(item->second, import.type).context([&] {
      return fmt::format("type mismatch for core import `{}` `{}`", import.module, import.name);
    }));
  }
  return {};
}

Result<void> Validator::check_item(const CoreInstantiateDef& def, uint64_t) {
  auto module = TRY(at(scope().core_modules, def.module.value, "core module"));
  TRY(match_core_imports(module, def));
  scope().core_instances.push_back(&core_.module(module).exports);
  return {};
}

Result<CoreExternType> Validator::core_item_at(SortIndex item) {
  auto name = to_string(item.sort);
  switch (item.sort) {
    case Sort::CoreFunc: {
      auto type = TRY(at(scope().core_funcs, item.index, name));
      return CoreExternType(CoreFuncUse{type.value, false});
    }
    case Sort::CoreTable: {
      auto type = TRY(at(scope().core_tables, item.index, name));
      return CoreExternType(type);
    }
    case Sort::CoreMemory: {
      auto type = TRY(at(scope().core_memories, item.index, name));
      return CoreExternType(type);
    }
    case Sort::CoreGlobal: {
      auto type = TRY(at(scope().core_globals, item.index, name));
      return CoreExternType(type);
    }
    case Sort::CoreTag: {
      auto type = TRY(at(scope().core_tags, item.index, name));
      return CoreExternType(CoreTagUse{type.value});
    }
    default: return Error::invalid_input(fmt::format("a core instance cannot export a {}", name));
  }
}

Result<void> Validator::check_item(const CoreInlineExportsDef& def, uint64_t) {
  CoreExports exports;
  for (const auto& item : def.exports) {
    auto type = TRY(core_item_at(item.item));
    TRY(add_core_export(exports, item.name, type));
  }
  scope().core_instances.push_back(core_.add_exports(std::move(exports)));
  return {};
}

Result<void> Validator::check_item(const InstantiateDef& def, uint64_t) {
  auto component = TRY(at(scope().components, def.component.value, "component"));
  NamedEntities args;
  for (const auto& arg : def.args) {
    auto entity = TRY(entity_at(arg.item).context(
        [&] { return fmt::format("instantiation argument `{}`", arg.name); }));
    if (!args.add(arg.name, entity)) {
      return Error::invalid_input(
          fmt::format("instantiation argument `{}` is given more than once", arg.name));
    }
  }
  const auto& type = *types_[component].scope;
  if (!types_.spend(type.size())) return too_many_steps();
  auto by = TRY(matcher_.open_imports(args, type));
  // Each instance has resource types of its own.
  for (const auto& item : type.defined) {
    auto fresh = types_.new_resource();
    by.resources[item.resource] = fresh;
    scope().defined_resources.push_back(fresh);
    scope().representations.emplace(fresh, std::nullopt);
  }
  auto instance = std::make_shared<ScopeType>();
  instance->exports = type.exports;
  types_.substitute(instance->exports, by);
  for (const auto& [resource, path] : type.explicit_paths) {
    auto found = by.resources.find(resource);
    instance->explicit_paths.emplace(found == by.resources.end() ? resource : found->second, path);
  }
  TypeNode node;
  node.kind = NodeKind::Instance;
  node.scope = std::move(instance);
  auto made = TRY(types_.add(std::move(node)));
  scope().instances.push_back(made);
  return {};
}

Result<void> Validator::check_item(const InlineExportsDef& def, uint64_t) {
  auto instance = std::make_shared<ScopeType>();
  ExternNames names;
  for (const auto& item : def.exports) {
    auto entity = TRY(entity_at(item.item).context(
        [&] { return fmt::format("inline export `{}`", item.name.name); }));
    auto position = static_cast<uint32_t>(names.entities.size());
    if (entity.sort == Sort::Type && types_[entity.type].kind == NodeKind::Resource) {
      instance->explicit_paths.insert_or_assign(types_[entity.type].resource,
                                                ResourcePath{position});
    }
    if (entity.sort == Sort::Instance) {
      if (!types_.spend(types_[entity.type].scope->explicit_paths.size())) return too_many_steps();
      for (const auto& [resource, path] : types_[entity.type].scope->explicit_paths) {
        ResourcePath longer{position};
        longer.insert(longer.end(), path.begin(), path.end());
        instance->explicit_paths.insert_or_assign(resource, std::move(longer));
      }
    }
    TRY(check_name(item.name, Direction::Export, entity, names));
  }
  instance->exports = std::move(names.entities);
  TypeNode node;
  node.kind = NodeKind::Instance;
  node.scope = std::move(instance);
  auto made = TRY(types_.add(std::move(node)));
  scope().instances.push_back(made);
  return {};
}

}  // namespace spindle::component
