#include "assemble/wit_encode/world_type.h"

#include <fmt/format.h>
#include "assemble/wit_encode/instance_type_encoder.h"

#include "assemble/wit_encode/exported_interface.h"
#include "base/byte_writer.h"
#include "component/binary/encode.h"
#include "wit/limits.h"

namespace spindle::assemble {
namespace {

using namespace component;

constexpr uint8_t kEncodingVersion = 4;

// The types of an exported interface inside its instance type. What other interfaces declare comes
// from outside, by an alias.
class ExportedInstanceTypes final : public InstanceTypeEncoder {
 public:
  ExportedInstanceTypes(ExportedTypes& outside, const WorldView& world, wit::InterfaceId interface)
      : InstanceTypeEncoder(world), outside_(outside), interface_(interface) {}

 private:
  Result<std::optional<TypeIndex>> elsewhere(wit::TypeId id) override {
    const auto* owner = std::get_if<wit::InterfaceId>(&resolve().type(id).owner);
    if (owner != nullptr && *owner == interface_) return std::optional<TypeIndex>();
    auto outer = TRY(outside_.index(id));
    return std::optional(alias_outer(outer));
  }
  wit::TypeId canonical(wit::TypeId id) const override {
    return exported_or_canonical(world(), id);
  }

  ExportedTypes& outside_;
  wit::InterfaceId interface_;
};

// Builds the imports as those of a component, whose definitions are the declarators of its type.
class WorldTypeEncoder {
 public:
  WorldTypeEncoder(const wit::Resolve& resolve, wit::WorldId world)
      : world_(resolve, world), live_(world_), root_(ast_, world_, live_) {}

  Result<Component> encode();

 private:
  void mark_live();
  Result<void> import_all();
  Result<void> export_all();
  Result<void> export_interface(wit::InterfaceId id, size_t depth);
  ComponentTypeDef take_type();

  ComponentAst ast_;
  WorldView world_;
  LiveItems live_;
  RootTypes root_;
  ExportedInstances exported_;
};

void WorldTypeEncoder::mark_live() {
  const auto& resolve = world_.resolve();
  for (const auto& interface : world_.imports()) {
    for (auto version : interface.versions) {
      for (auto type : resolve.interface(version).types) live_.add_type(type);
      for (const auto& function : resolve.interface(version).functions) {
        // Of compatible versions, the newest that has it.
        const auto* newest = WorldView::find_function(interface, resolve.extern_name(function));
        live_.add_function(interface, *newest);
      }
    }
  }
}

Result<void> WorldTypeEncoder::import_all() {
  for (const auto& interface : world_.imports()) TRY(root_.import_interface(interface));
  for (const auto& item : world_.world().imports) {
    if (const auto* type = std::get_if<wit::TypeId>(&item.item)) {
      TRY(root_.index(*type));
    } else if (const auto* function = std::get_if<wit::Function>(&item.item)) {
      TRY(root_.import_function(*function));
    }
  }
  return {};
}

Result<void> WorldTypeEncoder::export_interface(wit::InterfaceId id, size_t depth) {
  const auto* item = world_.find_export(id);
  if (item == nullptr || exported_.contains(id)) return {};
  if (depth > wit::kMaxUseDepth) {
    return Error::limit_exceeded(
        fmt::format("interfaces use each other more than {} levels deep", wit::kMaxUseDepth));
  }
  const auto& resolve = world_.resolve();
  for (auto used : resolve.direct_dependencies(id)) TRY(export_interface(used, depth + 1));
  const OwnResources none;
  ExportSurroundings around{ast_, root_, world_, none, exported_};
  ExportedTypes outside(around, id);
  ExportedInstanceTypes scope(outside, world_, id);
  for (auto type : resolve.interface(id).types) TRY(scope.index(type));
  for (const auto& function : resolve.interface(id).functions) {
    auto type = TRY(scope.function(function));
    scope.export_function(ast_.text(resolve.extern_name(function)), type);
  }
  auto type = ast_.type(scope.take());
  auto instance = ast_.add(
      ExportDef{{item->name}, {Sort::Instance, 0}, ExternDesc{ExternKind::Instance, type.value}});
  exported_.emplace(id, InstanceIndex(instance));
  return {};
}

Result<void> WorldTypeEncoder::export_all() {
  for (const auto& item : world_.world().exports) {
    if (const auto* interface = std::get_if<wit::WorldInterface>(&item.item)) {
      TRY(export_interface(interface->id, 0));
    } else if (const auto* function = std::get_if<wit::Function>(&item.item)) {
      auto type = TRY(root_.function(*function));
      ast_.add(ExportDef{{item.name}, {Sort::Func, 0}, ExternDesc{ExternKind::Func, type.value}});
    }
  }
  return {};
}

ComponentTypeDef WorldTypeEncoder::take_type() {
  ComponentTypeDef type;
  for (auto& definition : ast_.take().definitions) {
    auto& kind = definition.kind;
    Declarator declarator;
    if (auto* def = std::get_if<TypeDef>(&kind)) {
      declarator.kind = std::move(*def);
    } else if (auto* alias = std::get_if<AliasDef>(&kind)) {
      declarator.kind = *alias;
    } else if (auto* import = std::get_if<ImportDef>(&kind)) {
      declarator.kind = *import;
    } else {
      const auto& item = std::get<ExportDef>(kind);
      declarator.kind = ExportDecl{item.name, *item.ascription};
    }
    type.declarators.push_back(std::move(declarator));
  }
  return type;
}

Result<Component> WorldTypeEncoder::encode() {
  mark_live();
  TRY(import_all());
  TRY(export_all());
  ComponentAst outer(ast_.arena());
  const auto& resolve = world_.resolve();
  const auto& world = world_.world();
  auto id = resolve.package(world.package).name;
  std::string full = id.ns + ":" + id.name + "/" + world.name;
  if (id.version) full += "@" + id.version->to_string();
  ComponentTypeDef wrapper;
  wrapper.declarators.push_back({0, TypeDef{take_type()}});
  wrapper.declarators.push_back(
      {0, ExportDecl{{outer.text(std::move(full))}, {ExternKind::Component, 0}}});
  outer.type(std::move(wrapper));
  outer.add(ExportDef{{world.name}, {Sort::Type, 0}, {}});
  return outer.take();
}

}  // namespace

Result<std::vector<uint8_t>> encode_world_type(const wit::Resolve& resolve, wit::WorldId world,
                                               StringEncoding encoding) {
  auto component = TRY(WorldTypeEncoder(resolve, world).encode());
  ByteWriter writer;
  writer.bytes(encode_component(component));
  ByteWriter format;
  format.name("wit-component-encoding");
  format.u8(kEncodingVersion);
  format.u8(static_cast<uint8_t>(encoding));
  writer.section(0, format);
  return writer.take();
}

}  // namespace spindle::assemble
