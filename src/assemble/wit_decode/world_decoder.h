#pragma once

// WorldDecoder: shapes to the WIT model, through a ModelBuilder that unites what several decoders,
// or the import and the export of one interface, say. Internal to assemble/wit_decode.

#include <map>
#include <set>
#include <unordered_map>

#include "assemble/wit_decode/shapes.h"
#include "component/validate/names.h"
#include "wit/model_builder.h"

namespace spindle::assemble {

struct InterfaceName {
  wit::PackageName package;
  std::string name;
};
// `wasi:io/streams@0.2.6`; nothing for other names.
Result<std::optional<InterfaceName>> parse_interface_name(const component::ExternName& name);

class WorldDecoder {
 public:
  explicit WorldDecoder(wit::ModelBuilder& builder) : builder_(builder) {}

  Result<void> world(const WorldShape& shape, wit::WorldId id);
  // An import of an encoded package or interface: `ns:pkg/name` and an instance.
  Result<wit::InterfaceId> named_interface(const ExternShape& shape);

 private:
  Result<void> extern_item(const ExternShape& item, wit::WorldSide side, wit::WorldId id);
  Result<void> instance(const ExternShape& item, wit::WorldSide side, wit::WorldId id);
  Result<void> fill(const InstanceShape& shape, wit::InterfaceId id);
  Result<void> define(std::string_view name, const TypeShape& type);
  Result<wit::Function> function(std::string_view name, const FunctionShape& shape);
  Result<void> name_member(const component::ParsedName& name, wit::Function& function);

  Result<wit::TypeKind> nominal(const component::TypeDef& type, Scope& scope);
  Result<wit::Type> value(const component::ValueTypeUse& use, Scope& scope);
  Result<std::optional<wit::Type>> value(const std::optional<component::ValueTypeUse>& use,
                                         Scope& scope);
  Result<wit::Type> type(const TypeShape& shape);
  Result<wit::TypeKind> structure(const component::TypeDef& type, Scope& scope);
  Result<wit::TypeKind> channel_or_handle(const component::TypeDef& type, Scope& scope);
  Result<wit::TypeKind> handle(wit::Ownership ownership, component::TypeIndex index, Scope& scope);
  std::optional<wit::TypeId> find_known(const TypeShape& shape) const;
  Result<wit::TypeId> importable(wit::TypeId id) const;
  Result<wit::TypeId> use(wit::TypeId id, std::string_view name);
  Result<wit::TypeId> bring_into_scope(wit::TypeId id);

  wit::ModelBuilder& builder_;
  // Named types, under every name that leads to them.
  std::unordered_map<const TypeShape*, wit::TypeId> known_;
  // Of the interface or world at hand: its anonymous types, the types that its signatures mention
  // by way of a `use`, and the names that are taken.
  struct Surroundings {
    wit::Owner owner;
    std::unordered_map<const TypeShape*, wit::Type> anonymous;
    std::map<wit::TypeId, wit::TypeId> used;
    std::set<std::string, std::less<>> names;
  };
  Surroundings here_;
};

}  // namespace spindle::assemble
