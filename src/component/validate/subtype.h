#pragma once

// TypeMatcher: whether an import, argument or export of one type may stand where another is
// expected.
//
// Value and function types must be equal; instances may export more, components may import less and
// export more, core modules likewise. Resource types are variables: a component's imports bind them
// to whatever is supplied. open_imports() finds that binding by walking the paths that the
// component type keeps for its resources, and then checks everything under it.

#include "base/result.h"
#include "component/validate/core_arena.h"
#include "component/validate/type_arena.h"

namespace spindle::component {

class TypeMatcher {
 public:
  TypeMatcher(TypeArena& types, CoreArena& core) : types_(types), core_(core) {}

  Result<void> match(const Entity& actual, const Entity& expected);
  // What the imports of `component` become when `args` are supplied; fails where they do not fit.
  Result<Substitution> open_imports(const NamedEntities& args, const ScopeType& component);

 private:
  Result<void> match_type(TypeId actual, TypeId expected);
  Result<void> match_instance(const ScopeType& actual, const ScopeType& expected);
  Result<void> match_component(const ScopeType& actual, const ScopeType& expected);
  Result<Substitution> open(const NamedEntities& offered, const NamedEntities& wanted,
                            const std::vector<ResourceAt>& resources);
  void collect_names(const Entity& actual, const Entity& expected,
                     std::unordered_map<TypeId, TypeId>& names) const;
  const Entity* find_at(const NamedEntities& offered, const NamedEntities& wanted,
                        const ResourcePath& path) const;

  TypeArena& types_;
  CoreArena& core_;
};

std::string_view describe(NodeKind kind);

}  // namespace spindle::component
