#include "component/validate/subtype.h"

#include <fmt/format.h>

#include <unordered_map>

namespace spindle::component {

std::string_view describe(NodeKind kind) {
  switch (kind) {
    case NodeKind::Primitive: return "primitive type";
    case NodeKind::Record: return "record";
    case NodeKind::Variant: return "variant";
    case NodeKind::List: return "list";
    case NodeKind::FixedList: return "fixed-length list";
    case NodeKind::Map: return "map";
    case NodeKind::Tuple: return "tuple";
    case NodeKind::Flags: return "flags";
    case NodeKind::Enum: return "enum";
    case NodeKind::Option: return "option";
    case NodeKind::Result: return "result";
    case NodeKind::Own: return "own";
    case NodeKind::Borrow: return "borrow";
    case NodeKind::Stream: return "stream";
    case NodeKind::Future: return "future";
    case NodeKind::Function: return "function";
    case NodeKind::Resource: return "resource";
    case NodeKind::Component: return "component";
    case NodeKind::Instance: return "instance";
  }
  return "type";
}

Result<void> TypeMatcher::match(const Entity& actual, const Entity& expected) {
  if (actual.sort != expected.sort) {
    return Error::invalid_input(
        fmt::format("expected a {}, found a {}", to_string(expected.sort), to_string(actual.sort)));
  }
  if (expected.sort == Sort::CoreModule) {
    const auto& given = core_.module(actual.module);
    const auto& wanted = core_.module(expected.module);
    auto steps = given.imports.size() + wanted.imports.size() + wanted.exports.size();
    if (!types_.spend(steps)) return Error::limit_exceeded("validation takes too many steps");
    return core_.match_module(actual.module, expected.module);
  }
  return match_type(actual.type, expected.type);
}

Result<void> TypeMatcher::match_type(TypeId actual, TypeId expected) {
  if (actual == expected) return {};
  if (!types_.spend()) return Error::limit_exceeded("validation takes too many steps");
  const auto& given = types_[actual];
  const auto& wanted = types_[expected];
  if (given.kind != wanted.kind) {
    return Error::invalid_input(
        fmt::format("expected a {}, found a {}", describe(wanted.kind), describe(given.kind)));
  }
  if (wanted.kind == NodeKind::Instance) return match_instance(*given.scope, *wanted.scope);
  if (wanted.kind == NodeKind::Component) return match_component(*given.scope, *wanted.scope);
  if (!types_.equal(actual, expected)) {
    return Error::invalid_input(fmt::format("{} types are not the same", describe(wanted.kind)));
  }
  return {};
}

Result<void> TypeMatcher::match_instance(const ScopeType& actual, const ScopeType& expected) {
  for (const auto& wanted : expected.exports.items()) {
    const auto* given = actual.exports.find(wanted.name);
    if (given == nullptr) {
      return Error::invalid_input(fmt::format("missing expected export `{}`", wanted.name));
    }
    TRY(match(*given, wanted.entity).context([&] {
      return fmt::format("type mismatch in instance export `{}`", wanted.name);
    }));
  }
  return {};
}

Result<void> TypeMatcher::match_component(const ScopeType& actual, const ScopeType& expected) {
  // Whoever uses `expected` supplies its imports: they must do for `actual`.
  auto by = TRY(open_imports(expected.imports, actual));
  auto exports = actual.exports;
  types_.substitute(exports, by);
  TRY(open(exports, expected.exports, expected.defined));
  return {};
}

Result<Substitution> TypeMatcher::open_imports(const NamedEntities& args,
                                               const ScopeType& component) {
  return open(args, component.imports, component.imported);
}

// The item at `path`, its first step among `wanted`, as `offered` has it.
const Entity* TypeMatcher::find_at(const NamedEntities& offered, const NamedEntities& wanted,
                                   const ResourcePath& path) const {
  const NamedEntities* given = &offered;
  const NamedEntities* names = &wanted;
  const Entity* found = nullptr;
  for (auto step : path) {
    if (found != nullptr) {
      if (found->sort != Sort::Instance) return nullptr;
      given = &types_[found->type].scope->exports;
    }
    const auto& item = names->items()[step];
    found = given->find(item.name);
    if (found == nullptr) return nullptr;
    if (item.entity.sort == Sort::Instance) names = &types_[item.entity.type].scope->exports;
  }
  return found;
}

// What `expected` calls by its own names is known under the names of `actual` outside.
void TypeMatcher::collect_names(const Entity& actual, const Entity& expected,
                                std::unordered_map<TypeId, TypeId>& names) const {
  if (!types_.spend()) return;
  if (expected.sort == Sort::Type) names.emplace(expected.type, actual.type);
  if (expected.sort != Sort::Instance) return;
  const auto& given = types_[actual.type].scope->exports;
  for (const auto& item : types_[expected.type].scope->exports.items()) {
    collect_names(*given.find(item.name), item.entity, names);
  }
}

Result<Substitution> TypeMatcher::open(const NamedEntities& offered, const NamedEntities& wanted,
                                       const std::vector<ResourceAt>& resources) {
  Substitution by;
  for (const auto& [resource, path] : resources) {
    const auto* found = find_at(offered, wanted, path);
    // What does not fit is reported below.
    if (found == nullptr || found->sort != Sort::Type) continue;
    const auto& node = types_[found->type];
    if (node.kind == NodeKind::Resource) by.resources.emplace(resource, node.resource);
  }
  std::unordered_map<TypeId, TypeId> names;
  for (const auto& item : wanted.items()) {
    const auto* given = offered.find(item.name);
    if (given == nullptr) {
      return Error::invalid_input(
          fmt::format("missing {} named `{}`", to_string(item.entity.sort), item.name));
    }
    auto expected = types_.substitute(item.entity, by);
    TRY(match(*given, expected).context([&] {
      return fmt::format("type mismatch for `{}`", item.name);
    }));
    collect_names(*given, item.entity, names);
  }
  by.types = std::move(names);
  by.renames_types = !by.types.empty();
  return by;
}

}  // namespace spindle::component
