#pragma once

// ExportedTypes and export_interface: an interface that a world exports becomes an instance.
//
// Its functions are lifted at the root of the component, with types that have no names there. Names
// come from a wrapper, a nested component that imports the functions and the types and exports them
// again; the instance of the wrapper is what the component exports:
//
//   (component $wrapper
//     (import "import-type-point" (type (eq 0)))  (import "import-func-move" (func ...))
//     (export "point" (type 0))                   (export "move" (func 0) (func ...)))
//   (instance $i (instantiate $wrapper (with "import-func-move" (func $lifted)) ...))
//   (export "local:demo/shapes" (instance $i))

#include <functional>

#include "assemble/wit_encode/root_types.h"

namespace spindle::assemble {

// Interfaces that the component has exported so far.
using ExportedInstances = std::map<wit::InterfaceId, component::InstanceIndex>;
// Resources that the component defines, at its root.
using OwnResources = std::map<wit::TypeId, component::TypeIndex>;

Result<component::TypeIndex> own_resource(const OwnResources& resources,
                                          const wit::Resolve& resolve, wit::TypeId id);
// Of a type that an export mentions: of one that is both imported and exported, the exported one.
inline wit::TypeId exported_or_canonical(const WorldView& world, wit::TypeId id) {
  return world.is_exported(id) ? id : world.canonical(id);
}

// What the wrapper of an exported interface is made with.
struct ExportSurroundings {
  ComponentAst& ast;
  RootTypes& root;
  const WorldView& world;
  const OwnResources& resources;
  const ExportedInstances& exported;
};

// Types of one exported interface at the root.
class ExportedTypes final : public TypeEncoder {
 public:
  ExportedTypes(const ExportSurroundings& around, wit::InterfaceId interface)
      : TypeEncoder(around.world), around_(around), interface_(interface) {}

 private:
  component::TypeIndex define(Kind kind) override { return around_.ast.type(std::move(kind)); }
  Result<component::TypeIndex> name_type(wit::TypeId /*id*/, component::TypeIndex type) override {
    return type;
  }
  Result<component::TypeIndex> resource(wit::TypeId id) override {
    return own_resource(around_.resources, resolve(), id);
  }
  Result<std::optional<component::TypeIndex>> elsewhere(wit::TypeId id) override;
  wit::TypeId canonical(wit::TypeId id) const override {
    return exported_or_canonical(world(), id);
  }

  const ExportSurroundings& around_;
  wit::InterfaceId interface_;
  std::map<wit::TypeId, component::TypeIndex> aliases_;
};

// Lifts a function, whose type at the root is given.
using Lift = std::function<Result<component::ComponentFuncIndex>(const wit::Function& function,
                                                                 component::TypeIndex type)>;

// Exports the interface under `name`; the result is the exported instance.
Result<component::InstanceIndex> export_interface(const ExportSurroundings& around,
                                                  wit::InterfaceId interface, std::string_view name,
                                                  const Lift& lift);

}  // namespace spindle::assemble
