#pragma once

// RootTypes: a world's imports in a component, and the types at its root.
//
// An interface is imported when somebody first asks for it, after those whose types it uses:
//
//   (type (instance (export "error" (type (sub resource)))))   (import "wasi:io/error@0.2.6" ...)
//   (alias export 0 "error" (type 1))
//   (type (instance (alias outer 1 1 (type)) (export "error" (type (eq 0))) ...))
//   (import "wasi:io/streams@0.2.6" ...)
//
// It has the functions and types that LiveItems says and no others. Types of the world itself are
// imports of the component.

#include "assemble/component_ast.h"
#include "assemble/wit_encode/live_items.h"
#include "assemble/wit_encode/type_encoder.h"

namespace spindle::assemble {

class RootTypes final : public TypeEncoder {
 public:
  RootTypes(ComponentAst& ast, const WorldView& world, const LiveItems& live)
      : TypeEncoder(world), ast_(ast), live_(live) {}

  Result<component::InstanceIndex> import_interface(const ImportedInterface& interface);
  Result<component::ComponentFuncIndex> import_function(const ImportedInterface& interface,
                                                        const wit::Function& function);
  Result<component::ComponentFuncIndex> import_function(const wit::Function& function);
  // A type of an imported interface, brought to the root.
  Result<component::TypeIndex> imported_type(const ImportedInterface& interface, wit::TypeId id);

 private:
  component::TypeIndex define(Kind kind) override { return ast_.type(std::move(kind)); }
  Result<component::TypeIndex> name_type(wit::TypeId id, component::TypeIndex type) override;
  Result<component::TypeIndex> resource(wit::TypeId id) override;
  Result<std::optional<component::TypeIndex>> elsewhere(wit::TypeId id) override;
  Result<component::InstanceTypeDef> instance_type(const ImportedInterface& interface);

  ComponentAst& ast_;
  const LiveItems& live_;
  // Nothing while an interface is being imported.
  std::map<const ImportedInterface*, std::optional<component::InstanceIndex>> instances_;
  std::map<wit::TypeId, component::TypeIndex> aliases_;
  std::map<const wit::Function*, component::ComponentFuncIndex> functions_;
};

}  // namespace spindle::assemble
