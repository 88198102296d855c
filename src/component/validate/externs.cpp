// Imports and exports: what they describe, what their names promise, and what they bring into the
// scope.

#include <fmt/format.h>

#include "component/validate/validator.h"

namespace spindle::component {

Result<Entity> Validator::describe_extern(const ExternDesc& desc) {
  Entity entity;
  entity.sort = desc.sort();
  switch (desc.kind) {
    case ExternKind::Module: {
      TRY(at(scope().core_types, desc.index, "core type"));
      auto module = scope().module_types.find(desc.index);
      if (module == scope().module_types.end()) {
        return Error::invalid_input(fmt::format("core type {} is not a module type", desc.index));
      }
      entity.module = module->second;
      return entity;
    }
    case ExternKind::Func: entity.type = TRY(type_at(desc.index, NodeKind::Function)); break;
    case ExternKind::Component: entity.type = TRY(type_at(desc.index, NodeKind::Component)); break;
    case ExternKind::Instance: entity.type = TRY(type_at(desc.index, NodeKind::Instance)); break;
    case ExternKind::TypeEq:
      entity.referenced = TRY(at(scope().types, desc.index, "type"));
      entity.type = types_.rename(entity.referenced);
      break;
    case ExternKind::TypeResource:
      entity.referenced = types_.resource_node(types_.new_resource());
      entity.type = entity.referenced;
      break;
    case ExternKind::Value: return Error::not_supported("component values are not supported");
  }
  return entity;
}

Result<void> Validator::check_item(const ImportDef& def, uint64_t) {
  auto entity = TRY(describe_extern(def.desc));
  auto& into = scope();
  if (entity.sort == Sort::Func) {
    into.imported_funcs.insert(static_cast<uint32_t>(into.funcs.size()));
  } else if (entity.sort == Sort::Instance) {
    into.imported_instances.insert(static_cast<uint32_t>(into.instances.size()));
  }
  return add_extern(Direction::Import, def.name, entity);
}

Result<void> Validator::check_item(const ExportDecl& def, uint64_t) {
  auto entity = TRY(describe_extern(def.desc));
  return add_extern(Direction::Export, def.name, entity);
}

Result<void> Validator::check_item(const ExportDef& def, uint64_t) {
  auto entity = TRY(entity_at(def.item));
  bool is_root = features_.root_restrictions && scopes_.size() == 1;
  if (is_root && entity.sort == Sort::Func && scope().imported_funcs.contains(def.item.index)) {
    return Error::not_supported("exporting an imported function as it is is not supported");
  }
  if (entity.sort == Sort::Type) entity.type = types_.rename(entity.referenced);
  if (def.ascription) {
    auto ascribed = TRY(describe_extern(*def.ascription));
    TRY(matcher_.match(entity, ascribed)
            .context("the ascribed type of the export is not compatible with the item's type"));
    entity = ascribed;
  }
  return add_extern(Direction::Export, def.name, entity);
}

Result<void> Validator::add_extern(Direction direction, const ExternName& name, Entity entity) {
  TRY(check_root_extern(direction, entity));
  TRY(add_entity(entity, direction, name.name));
  auto& names = direction == Direction::Import ? scope().imports : scope().exports;
  return check_name(name, direction, entity, names);
}

// Components are not instantiated from outside, so a root can neither take nor give one.
Result<void> Validator::check_root_extern(Direction direction, const Entity& entity) const {
  if (!features_.root_restrictions || scopes_.size() != 1) return {};
  if (entity.sort != Sort::Component) return {};
  return Error::not_supported(direction == Direction::Import
                                  ? "root-level component imports are not supported"
                                  : "exporting a component from the root is not supported");
}

// A resource that an instance declares becomes one of this component's imports.
void Validator::import_instance(Entity& entity) {
  const auto declared = types_[entity.type].scope;
  if (declared->defined.empty() || !types_.spend(declared->size())) return;
  auto changed = std::make_shared<ScopeType>();
  changed->exports = declared->exports;
  Substitution by;
  auto position = static_cast<uint32_t>(scope().imports.entities.size());
  for (const auto& item : declared->defined) {
    auto fresh = types_.new_resource();
    by.resources.emplace(item.resource, fresh);
    ResourcePath path{position};
    path.insert(path.end(), item.path.begin(), item.path.end());
    scope().imported_resources.push_back({fresh, std::move(path)});
  }
  types_.substitute(changed->exports, by);
  for (const auto& [resource, path] : declared->explicit_paths) {
    auto found = by.resources.find(resource);
    changed->explicit_paths.emplace(found == by.resources.end() ? resource : found->second, path);
  }
  TypeNode node = types_[entity.type];
  node.scope = std::move(changed);
  // The same shape was accepted when the type was declared.
  entity.type = types_.add(std::move(node)).value();
}

// The resources of an exported instance count as exported; declared ones become this type's own.
void Validator::export_instance(Entity& entity) {
  const auto declared = types_[entity.type].scope;
  auto& into = scope();
  auto position = static_cast<uint32_t>(into.exports.entities.size());
  auto exported = declared;
  if (!types_.spend(declared->size())) return;
  if (!declared->defined.empty()) {
    auto changed = std::make_shared<ScopeType>();
    changed->exports = declared->exports;
    Substitution by;
    for (const auto& item : declared->defined) {
      auto fresh = types_.new_resource();
      by.resources.emplace(item.resource, fresh);
      into.defined_resources.push_back(fresh);
      into.representations.emplace(fresh, std::nullopt);
    }
    types_.substitute(changed->exports, by);
    for (const auto& [resource, path] : declared->explicit_paths) {
      auto found = by.resources.find(resource);
      changed->explicit_paths.emplace(found == by.resources.end() ? resource : found->second, path);
    }
    exported = changed;
    TypeNode node = types_[entity.type];
    node.scope = std::move(changed);
    entity.type = types_.add(std::move(node)).value();
  }
  for (const auto& [resource, path] : exported->explicit_paths) {
    ResourcePath longer{position};
    longer.insert(longer.end(), path.begin(), path.end());
    into.explicit_paths.insert_or_assign(resource, std::move(longer));
  }
}

void Validator::add_resource(const Entity& entity, Direction direction) {
  auto& into = scope();
  auto resource = types_[entity.type].resource;
  bool is_new = entity.type == entity.referenced;
  if (direction == Direction::Import) {
    auto position = static_cast<uint32_t>(into.imports.entities.size());
    if (is_new) into.imported_resources.push_back({resource, {position}});
    return;
  }
  if (is_new && into.representations.try_emplace(resource, std::nullopt).second) {
    into.defined_resources.push_back(resource);
  }
  auto position = static_cast<uint32_t>(into.exports.entities.size());
  into.explicit_paths.insert_or_assign(resource, ResourcePath{position});
}

Result<void> Validator::add_entity(Entity& entity, std::optional<Direction> direction,
                                   std::string_view name) {
  auto& into = scope();
  switch (entity.sort) {
    case Sort::CoreModule: into.core_modules.push_back(entity.module); break;
    case Sort::Component: into.components.push_back(entity.type); break;
    case Sort::Func: into.funcs.push_back(entity.type); break;
    case Sort::Instance:
      if (direction == Direction::Import) import_instance(entity);
      if (direction == Direction::Export) export_instance(entity);
      into.instances.push_back(entity.type);
      break;
    default:
      into.types.push_back(entity.type);
      if (direction && types_[entity.type].kind == NodeKind::Resource) {
        add_resource(entity, *direction);
      }
  }
  if (direction && !register_names(name, *direction, entity)) {
    return Error::invalid_input(
        fmt::format("{} is not valid to be used as {}, it mentions a type that has no name outside",
                    to_string(entity.sort), *direction == Direction::Import ? "import" : "export"));
  }
  return {};
}

Result<void> Validator::check_name(const ExternName& name, Direction direction,
                                   const Entity& entity, ExternNames& names) {
  std::string_view what = direction == Direction::Import ? "import" : "export";
  auto parsed = TRY(parse_extern_name(name.name).context(
      [&] { return fmt::format("{} name `{}` is not a valid extern name", what, name.name); }));
  if (parsed.kind == NameKind::Dependency && !features_.dependency_names) {
    return Error::not_supported("names by package, address or hash are switched off");
  }
  if (parsed.kind == NameKind::Dependency && direction == Direction::Export) {
    return Error::invalid_input(
        fmt::format("export name `{}` is a dependency, a thing to import", name.name));
  }
  TRY(check_attributes(name, parsed, entity));
  TRY(check_annotation(parsed, entity, names).context([&] {
    return fmt::format("{} name `{}` is not valid", what, name.name);
  }));
  if (features_.names_ignore_dashes) std::erase(parsed.uniqueness_key, '-');
  bool is_new = names.uniqueness_keys.insert(parsed.uniqueness_key).second;
  if (!is_new || !names.entities.add(name.name, entity)) {
    return Error::invalid_input(
        fmt::format("{} name `{}` conflicts with an earlier name", what, name.name));
  }
  return {};
}

Result<void> Validator::check_attributes(const ExternName& name, const ParsedName& parsed,
                                         const Entity& entity) {
  bool any = name.implements || name.version_suffix || name.external_id;
  if (any && !features_.implements_attributes) {
    return Error::not_supported("attributes of names are switched off");
  }
  auto check_version = [&](const ParsedName& interface) -> Result<void> {
    std::string version(interface.version);
    if (name.version_suffix) version += *name.version_suffix;
    if (version.empty() || is_semantic_version(version)) return {};
    return Error::invalid_input(fmt::format("`{}` is not a semantic version", version));
  };
  bool versioned = parsed.kind == NameKind::Interface || name.implements.has_value();
  if (name.version_suffix &&
      (entity.sort != Sort::Instance || name.version_suffix->empty() || !versioned)) {
    return Error::invalid_input("a version suffix needs an instance with a versioned name");
  }
  if (!name.implements) {
    if (parsed.kind == NameKind::Interface) return check_version(parsed);
    return {};
  }
  if (entity.sort != Sort::Instance) {
    return Error::invalid_input("only instances can have an `implements`");
  }
  if (parsed.kind != NameKind::Plain) {
    return Error::invalid_input(fmt::format("name `{}` is not valid with `implements`", name.name));
  }
  auto implemented = TRY(parse_extern_name(*name.implements));
  if (implemented.kind != NameKind::Interface) {
    return Error::invalid_input(fmt::format("`{}` must be an interface", *name.implements));
  }
  return check_version(implemented);
}

// own R, or result<own R, E>: what a constructor may return.
std::optional<TypeId> Validator::constructed_resource(const Value& result) const {
  if (result.primitive) return std::nullopt;
  const auto* node = &types_[result.type];
  if (node->kind == NodeKind::Result) {
    const auto& ok = node->members.front().type;
    if (!ok || ok->primitive) return std::nullopt;
    node = &types_[ok->type];
  }
  if (node->kind != NodeKind::Own) return std::nullopt;
  return node->handle;
}

Result<void> Validator::check_resource_name(TypeId resource, std::string_view label,
                                            const ExternNames& names) {
  auto found = names.resource_names.find(resource);
  if (found == names.resource_names.end()) {
    return Error::invalid_input("the resource of the function has no name in this context");
  }
  if (found->second != label) {
    return Error::invalid_input(
        fmt::format("the function does not match the resource name `{}`", found->second));
  }
  return {};
}

Result<void> Validator::check_annotation(const ParsedName& name, const Entity& entity,
                                         const ExternNames& names) {
  if (name.kind == NameKind::Plain || name.kind == NameKind::Interface ||
      name.kind == NameKind::Dependency) {
    return {};
  }
  if (entity.sort != Sort::Func) return Error::invalid_input("the item is not a function");
  const auto& function = types_[entity.type];
  switch (name.kind) {
    case NameKind::Constructor: {
      if (function.is_async) return Error::invalid_input("a constructor cannot be async");
      if (!function.result) return Error::invalid_input("a constructor should return a value");
      auto resource = constructed_resource(*function.result);
      if (!resource) {
        return Error::invalid_input("a constructor should return `own<T>` or `result<own<T>, ..>`");
      }
      return check_resource_name(*resource, name.label, names);
    }
    case NameKind::Method: {
      if (function.members.empty() || function.members.front().name != "self") {
        return Error::invalid_input("a method should have a first parameter called `self`");
      }
      const auto& self = *function.members.front().type;
      if (self.primitive || types_[self.type].kind != NodeKind::Borrow) {
        return Error::invalid_input("a method should take a first parameter of type `borrow<T>`");
      }
      return check_resource_name(types_[self.type].handle, name.label, names);
    }
    default:
      if (!names.resources.contains(name.label)) {
        return Error::invalid_input(
            fmt::format("the resource `{}` is not known in this context", name.label));
      }
      return {};
  }
}

}  // namespace spindle::component
