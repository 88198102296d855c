#include "assemble/wit_encode/root_types.h"

#include <fmt/format.h>
#include "assemble/wit_encode/instance_type_encoder.h"

namespace spindle::assemble {
namespace {

using namespace component;

// Inside the type of one imported interface.
class InstanceTypes final : public InstanceTypeEncoder {
 public:
  InstanceTypes(const WorldView& world, RootTypes& root, const ImportedInterface& interface)
      : InstanceTypeEncoder(world), root_(root), interface_(interface) {}

 private:
  Result<std::optional<TypeIndex>> elsewhere(wit::TypeId id) override {
    const auto* owner = std::get_if<wit::InterfaceId>(&resolve().type(id).owner);
    const auto* interface = owner == nullptr ? nullptr : world().find_import(*owner);
    if (interface == &interface_) return std::optional<TypeIndex>();
    if (interface == nullptr) {
      return Error::invalid_input(fmt::format("type `{}`, which `{}` uses, is not imported",
                                              resolve().type(id).name, interface_.name));
    }
    auto outer = TRY(root_.imported_type(*interface, id));
    return std::optional(alias_outer(outer));
  }

  RootTypes& root_;
  const ImportedInterface& interface_;
};

}  // namespace

Result<InstanceTypeDef> RootTypes::instance_type(const ImportedInterface& interface) {
  InstanceTypes scope(world(), *this, interface);
  const auto* live = live_.find(interface);
  if (live == nullptr) return scope.take();
  for (auto version : interface.versions) {
    for (auto type : resolve().interface(version).types) {
      if (live->types.contains(world().canonical(type))) TRY(scope.index(type));
    }
  }
  for (auto version : interface.versions) {
    for (const auto& function : resolve().interface(version).functions) {
      if (!live->functions.contains(&function)) continue;
      auto type = TRY(scope.function(function));
      scope.export_function(ast_.text(resolve().extern_name(function)), type);
    }
  }
  return scope.take();
}

Result<InstanceIndex> RootTypes::import_interface(const ImportedInterface& interface) {
  auto [place, is_new] = instances_.try_emplace(&interface);
  if (!is_new) {
    if (place->second) return *place->second;
    return Error::invalid_input(
        fmt::format("interface `{}` uses types of itself through others", interface.name));
  }
  auto def = TRY(instance_type(interface).context(fmt::format("import `{}`", interface.name)));
  auto type = ast_.type(std::move(def));
  InstanceIndex instance{ast_.add(ImportDef{{interface.name}, {ExternKind::Instance, type.value}})};
  instances_[&interface] = instance;
  return instance;
}

Result<ComponentFuncIndex> RootTypes::import_function(const ImportedInterface& interface,
                                                      const wit::Function& function) {
  if (auto known = functions_.find(&function); known != functions_.end()) return known->second;
  auto instance = TRY(import_interface(interface));
  auto name = ast_.text(resolve().extern_name(function));
  ComponentFuncIndex index{ast_.instance_export(Sort::Func, instance, name)};
  functions_.emplace(&function, index);
  return index;
}

Result<ComponentFuncIndex> RootTypes::import_function(const wit::Function& function) {
  if (auto known = functions_.find(&function); known != functions_.end()) return known->second;
  auto type = TRY(this->function(function));
  auto name = ast_.text(resolve().extern_name(function));
  ComponentFuncIndex index{ast_.add(ImportDef{{name}, {ExternKind::Func, type.value}})};
  functions_.emplace(&function, index);
  return index;
}

Result<TypeIndex> RootTypes::imported_type(const ImportedInterface& interface, wit::TypeId id) {
  id = world().canonical(id);
  if (auto known = aliases_.find(id); known != aliases_.end()) return known->second;
  auto instance = TRY(import_interface(interface));
  TypeIndex index{ast_.instance_export(Sort::Type, instance, resolve().type(id).name)};
  aliases_.emplace(id, index);
  return index;
}

Result<TypeIndex> RootTypes::name_type(wit::TypeId id, TypeIndex type) {
  return TypeIndex(
      ast_.add(ImportDef{{resolve().type(id).name}, {ExternKind::TypeEq, type.value}}));
}

Result<TypeIndex> RootTypes::resource(wit::TypeId id) {
  return TypeIndex(ast_.add(ImportDef{{resolve().type(id).name}, {ExternKind::TypeResource}}));
}

Result<std::optional<TypeIndex>> RootTypes::elsewhere(wit::TypeId id) {
  const auto* owner = std::get_if<wit::InterfaceId>(&resolve().type(id).owner);
  if (owner == nullptr) return std::optional<TypeIndex>();
  const auto* interface = world().find_import(*owner);
  if (interface == nullptr) {
    return Error::invalid_input(fmt::format(
        "type `{}` is of an interface that the world does not import", resolve().type(id).name));
  }
  auto index = TRY(imported_type(*interface, id));
  return std::optional(index);
}

}  // namespace spindle::assemble
