#include "assemble/wit_encode/exported_interface.h"

#include <fmt/format.h>

namespace spindle::assemble {
namespace {

using namespace component;

// Inside the wrapper. First everything is imported; once `expose()` is called, what the interface
// declares is exported under its own name.
class WrapperTypes final : public TypeEncoder {
 public:
  WrapperTypes(ComponentAst& ast, const WorldView& world, wit::InterfaceId interface,
               ExportedTypes& root)
      : TypeEncoder(world), ast_(ast), interface_(interface), root_(root) {}

  Result<void> import_function(const wit::Function& function, ComponentFuncIndex outside);
  Result<void> expose();
  Result<void> export_function(const wit::Function& function, uint32_t imported);
  std::vector<InstantiateArg> take_args() { return std::move(args_); }

 private:
  bool is_own(wit::TypeId id) const {
    const auto* owner = std::get_if<wit::InterfaceId>(&resolve().type(id).owner);
    return owner != nullptr && *owner == interface_;
  }
  TypeIndex define(Kind kind) override { return ast_.type(std::move(kind)); }
  Result<TypeIndex> name_type(wit::TypeId id, TypeIndex type) override;
  Result<TypeIndex> resource(wit::TypeId id) override;
  Result<std::optional<TypeIndex>> elsewhere(wit::TypeId id) override;
  wit::TypeId canonical(wit::TypeId id) const override {
    return exported_or_canonical(world(), id);
  }
  Result<TypeIndex> import_type(wit::TypeId id, ExternDesc desc);

  ComponentAst& ast_;
  wit::InterfaceId interface_;
  ExportedTypes& root_;
  bool exposing_ = false;
  std::map<wit::TypeId, TypeIndex> imported_;
  std::vector<InstantiateArg> args_;
};

Result<TypeIndex> WrapperTypes::import_type(wit::TypeId id, ExternDesc desc) {
  auto outside = TRY(root_.index(id));
  auto name = ast_.text(fmt::format("import-type-n{}", args_.size()));
  args_.push_back({name, {Sort::Type, outside.value}});
  TypeIndex index{ast_.add(ImportDef{{name}, desc})};
  imported_.emplace(id, index);
  return index;
}

Result<TypeIndex> WrapperTypes::name_type(wit::TypeId id, TypeIndex type) {
  if (exposing_) {
    return TypeIndex(ast_.add(ExportDef{{resolve().type(id).name}, {Sort::Type, type.value}, {}}));
  }
  return import_type(id, {ExternKind::TypeEq, type.value});
}

Result<TypeIndex> WrapperTypes::resource(wit::TypeId id) {
  if (!exposing_) return import_type(id, {ExternKind::TypeResource});
  auto imported = imported_.find(id);
  VERIFY(imported != imported_.end());
  return TypeIndex(
      ast_.add(ExportDef{{resolve().type(id).name}, {Sort::Type, imported->second.value}, {}}));
}

Result<std::optional<TypeIndex>> WrapperTypes::elsewhere(wit::TypeId id) {
  if (is_own(id)) return std::optional<TypeIndex>();
  auto imported = imported_.find(id);
  if (imported == imported_.end()) return std::optional<TypeIndex>();
  return std::optional(imported->second);
}

Result<void> WrapperTypes::import_function(const wit::Function& function,
                                           ComponentFuncIndex outside) {
  auto type = TRY(this->function(function));
  auto name = ast_.text(fmt::format("import-func-n{}", args_.size()));
  args_.push_back({name, {Sort::Func, outside.value}});
  ast_.add(ImportDef{{name}, {ExternKind::Func, type.value}});
  return {};
}

Result<void> WrapperTypes::expose() {
  exposing_ = true;
  forget();
  for (auto id : resolve().interface(interface_).types) TRY(index(id));
  return {};
}

Result<void> WrapperTypes::export_function(const wit::Function& function, uint32_t imported) {
  auto type = TRY(this->function(function));
  auto name = ast_.text(resolve().extern_name(function));
  ast_.add(ExportDef{{name}, {Sort::Func, imported}, ExternDesc{ExternKind::Func, type.value}});
  return {};
}

}  // namespace

Result<TypeIndex> own_resource(const OwnResources& resources, const wit::Resolve& resolve,
                               wit::TypeId id) {
  auto own = resources.find(id);
  if (own != resources.end()) return own->second;
  return Error::invalid_input(
      fmt::format("resource `{}` is not defined by the component", resolve.type(id).name));
}

Result<std::optional<TypeIndex>> ExportedTypes::elsewhere(wit::TypeId id) {
  const auto& type = resolve().type(id);
  const auto* owner = std::get_if<wit::InterfaceId>(&type.owner);
  if (owner != nullptr && *owner == interface_) return std::optional<TypeIndex>();
  if (owner == nullptr) {
    auto index = TRY(around_.root.index(id));
    return std::optional(index);
  }
  if (auto exported = around_.exported.find(*owner); exported != around_.exported.end()) {
    return std::optional(
        TypeIndex(around_.ast.instance_export(Sort::Type, exported->second, type.name)));
  }
  const auto* interface = world().find_import(*owner);
  if (interface == nullptr) {
    return Error::invalid_input(
        fmt::format("type `{}` is of an interface that the world does not import", type.name));
  }
  auto index = TRY(around_.root.imported_type(*interface, id));
  return std::optional(index);
}

Result<InstanceIndex> export_interface(const ExportSurroundings& around, wit::InterfaceId id,
                                       std::string_view name, const Lift& lift) {
  const auto& interface = around.world.resolve().interface(id);
  ExportedTypes types(around, id);
  ComponentAst wrapper(around.ast.arena());
  WrapperTypes inside(wrapper, around.world, id, types);
  for (auto type : interface.types) TRY(inside.index(type));
  for (const auto& function : interface.functions) {
    auto type = TRY(types.function(function));
    auto lifted = TRY(lift(function, type));
    TRY(inside.import_function(function, lifted));
  }
  TRY(inside.expose());
  uint32_t imported = 0;
  for (const auto& function : interface.functions) {
    TRY(inside.export_function(function, imported++));
  }
  // Each function that is exported is one more of its space, after the imported ones.
  auto component = around.ast.nested(wrapper.take());
  auto instance = around.ast.instance(InstantiateDef{component, inside.take_args()});
  auto exported = around.ast.add(ExportDef{{name}, {Sort::Instance, instance.value}, {}});
  return InstanceIndex(exported);
}

}  // namespace spindle::assemble
