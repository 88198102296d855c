// The exports of a component that is made of a module: lifted functions and interfaces.

#include <fmt/format.h>

#include "assemble/componentize/module_encoder.h"
#include "wit/limits.h"

namespace spindle::assemble {

using namespace component;

const ModuleEncoder::Part* ModuleEncoder::part_exporting(std::string_view name) const {
  for (const auto& part : parts_) {
    if (part.core.exports_function(name)) return &part;
  }
  return nullptr;
}

Result<ComponentFuncIndex> ModuleEncoder::lift(const wit::Function& function,
                                               const std::string& core_name, TypeIndex type) {
  const auto* part = part_exporting(core_name);
  if (part == nullptr) return lift_async(function, core_name, type);
  CanonDef def{.op = CanonOp::Lift, .type = type};
  def.options = TRY(options(rules_.of_lifting(function), *part, "cabi_export_realloc")
                        .context(fmt::format("lifting `{}`", core_name)));
  auto post_return = "cabi_post_" + core_name;
  if (part->core.exports_function(post_return)) {
    def.options.post_return = TRY(core_function(*part, post_return));
  }
  def.core_func = TRY(core_function(*part, core_name));
  return ComponentFuncIndex(ast_.add(std::move(def)));
}

Result<ComponentFuncIndex> ModuleEncoder::lift_async(const wit::Function& function,
                                                     const std::string& core_name, TypeIndex type) {
  auto name = "[async-lift]" + core_name;
  const auto* part = part_exporting(name);
  bool has_callback = part != nullptr;
  if (!has_callback) {
    name = "[async-lift-stackful]" + core_name;
    part = part_exporting(name);
  }
  if (part == nullptr) {
    return Error::invalid_input(
        fmt::format("the world exports `{}`, but the module does not", core_name));
  }
  CanonDef def{.op = CanonOp::Lift, .type = type};
  def.options = TRY(options(rules_.of_async_lifting(function), *part, "cabi_export_realloc")
                        .context(fmt::format("lifting `{}`", core_name)));
  def.options.is_async = true;
  if (has_callback) def.options.callback = TRY(core_function(*part, "[callback]" + name));
  def.core_func = TRY(core_function(*part, name));
  return ComponentFuncIndex(ast_.add(std::move(def)));
}

Result<void> ModuleEncoder::export_interface_once(wit::InterfaceId id, size_t depth) {
  const auto* item = world_.find_export(id);
  if (item == nullptr || exported_.contains(id)) return {};
  if (depth > wit::kMaxUseDepth) {
    return Error::limit_exceeded(
        fmt::format("interfaces use each other more than {} levels deep", wit::kMaxUseDepth));
  }
  // Types come from the exported instances of other interfaces, if there are any.
  for (auto used : input_.resolve.direct_dependencies(id)) {
    TRY(export_interface_once(used, depth + 1));
  }
  auto lift_one = [&](const wit::Function& function, TypeIndex type) {
    return lift(function, fmt::format("{}#{}", item->name, input_.resolve.extern_name(function)),
                type);
  };
  ExportSurroundings around{ast_, root_, world_, resources_, exported_};
  auto instance = TRY(export_interface(around, id, item->name, lift_one)
                          .context(fmt::format("export `{}`", item->name)));
  exported_.emplace(id, instance);
  return {};
}

Result<void> ModuleEncoder::export_all() {
  for (const auto& item : world_.world().exports) {
    if (const auto* interface = std::get_if<wit::WorldInterface>(&item.item)) {
      TRY(export_interface_once(interface->id, 0));
      continue;
    }
    const auto* function = std::get_if<wit::Function>(&item.item);
    if (function == nullptr) continue;
    auto name = input_.resolve.extern_name(*function);
    auto type = TRY(root_.function(*function));
    auto lifted = TRY(lift(*function, name, type));
    ast_.add(ExportDef{{item.name}, {Sort::Func, lifted.value}, {}});
  }
  return {};
}

}  // namespace spindle::assemble
