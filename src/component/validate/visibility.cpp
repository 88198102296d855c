// External visibility: whoever uses a component from outside must be able to name every type that
// its imports and exports mention. Records, variants, enums, flags and resources need a name of
// their own; lists, tuples and the like are as visible as what they are made of.

#include "component/validate/validator.h"

namespace spindle::component {

bool Validator::is_named(const Value& value, const std::unordered_set<TypeId>& named) {
  if (value.primitive) return true;
  if (!types_.spend()) return false;
  const auto& node = types_[value.type];
  switch (node.kind) {
    case NodeKind::Record:
    case NodeKind::Variant:
    case NodeKind::Flags:
    case NodeKind::Enum: return named.contains(value.type);
    default: return are_named(value.type, named);
  }
}

// Whether everything that `type` itself is made of is named.
bool Validator::are_named(TypeId type, const std::unordered_set<TypeId>& named) {
  if (!types_.spend()) return false;
  const auto& node = types_[type];
  switch (node.kind) {
    case NodeKind::Resource:
    case NodeKind::Component: return true;
    case NodeKind::Own:
    case NodeKind::Borrow: return named.contains(node.handle);
    case NodeKind::Instance:
      for (const auto& item : node.scope->exports.items()) {
        bool closed = item.entity.sort == Sort::CoreModule || item.entity.sort == Sort::Component;
        if (!closed && !are_named(item.entity.type, named)) return false;
      }
      return true;
    default: break;
  }
  for (const auto& member : node.members) {
    if (member.type && !is_named(*member.type, named)) return false;
  }
  return !node.result || is_named(*node.result, named);
}

bool Validator::register_names(std::optional<std::string_view> name, Direction direction,
                               const Entity& entity) {
  if (!types_.spend()) return false;
  auto& into = scope();
  bool is_import = direction == Direction::Import;
  if (name && entity.sort == Sort::Type && types_[entity.type].kind == NodeKind::Resource) {
    auto& names = is_import ? into.imports : into.exports;
    names.resource_names.emplace(entity.type, *name);
    names.resources.insert(*name);
  }
  if (into.kind == ScopeKind::InstanceType) return true;
  const auto& named = is_import ? into.imported_types : into.exported_types;
  switch (entity.sort) {
    case Sort::Type:
      if (!are_named(entity.referenced, named)) return false;
      if (is_import) into.imported_types.insert(entity.type);
      into.exported_types.insert(entity.type);
      return true;
    case Sort::Instance:
      for (const auto& item : types_[entity.type].scope->exports.items()) {
        if (!register_names(std::nullopt, direction, item.entity)) return false;
      }
      return true;
    case Sort::Func: return are_named(entity.type, named);
    default: return true;
  }
}

}  // namespace spindle::component
