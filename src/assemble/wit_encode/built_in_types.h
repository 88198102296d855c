#pragma once

// BuiltInTypes: types of exported interfaces as built-ins that come before the exports mention
// them: the result of task.return, what a stream of an exported function carries. They stand at the
// root without names; a resource is the one that the component defines.

#include "assemble/wit_encode/exported_interface.h"

namespace spindle::assemble {

class BuiltInTypes final : public TypeEncoder {
 public:
  // All of them must outlive it; `resources` may still be filled.
  BuiltInTypes(ComponentAst& ast, RootTypes& root, const WorldView& world,
               const OwnResources& resources)
      : TypeEncoder(world), ast_(ast), root_(root), resources_(resources) {}

 private:
  component::TypeIndex define(Kind kind) override { return ast_.type(std::move(kind)); }
  Result<component::TypeIndex> name_type(wit::TypeId /*id*/, component::TypeIndex type) override {
    return type;
  }
  Result<component::TypeIndex> resource(wit::TypeId id) override {
    return own_resource(resources_, resolve(), id);
  }
  Result<std::optional<component::TypeIndex>> elsewhere(wit::TypeId id) override {
    if (world().is_exported(id)) return std::optional<component::TypeIndex>();
    auto index = TRY(root_.index(id));
    return std::optional(index);
  }
  wit::TypeId canonical(wit::TypeId id) const override {
    return exported_or_canonical(world(), id);
  }

  ComponentAst& ast_;
  RootTypes& root_;
  const OwnResources& resources_;
};

}  // namespace spindle::assemble
