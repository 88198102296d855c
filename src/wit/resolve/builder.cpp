#include "wit/resolve/builder.h"

#include <set>

#include <fmt/format.h>

#include "wit/limits.h"

namespace spindle::wit {

Result<Resolve> ResolveBuilder::build() {
  TRY(declare());
  for (size_t i = 0; i < interfaces_.size(); ++i) {
    TRY(resolve_interface(InterfaceId(i), interfaces_[i].decl->name.span));
  }
  for (size_t i = 0; i < worlds_.size(); ++i) {
    TRY(resolve_world(WorldId(i), worlds_[i].decl->name.span));
  }
  for (World& world : resolve_.worlds_) elaborate(world);
  return std::move(resolve_);
}

Result<void> ResolveBuilder::declare() {
  items_.resize(packages_.units.size());
  for (size_t i = 0; i < packages_.units.size(); ++i) {
    const PackageUnit& unit = packages_.units[i];
    resolve_.packages_.push_back({unit.name, {}, {}, unit.docs});
    if (unit.is_root) resolve_.roots_.emplace_back(i);
    for (const ast::Scope& scope : unit.scopes) TRY(declare_scope(scope, PackageId(i)));
  }
  return {};
}

Result<void> ResolveBuilder::declare_scope(const ast::Scope& scope, PackageId package) {
  Package& made = resolve_.packages_[package.value];
  for (const ast::InterfaceDecl& decl : scope.interfaces) {
    InterfaceId id(resolve_.interfaces_.size());
    TRY(declare_name(decl.name, package, id));
    resolve_.interfaces_.push_back(
        {decl.name.text, package, {}, {}, decl.attributes.docs, decl.attributes.stability});
    interfaces_.push_back({&decl, {package, &scope}, Mark::New});
    made.interfaces.push_back(id);
  }
  for (const ast::WorldDecl& decl : scope.worlds) {
    WorldId id(resolve_.worlds_.size());
    TRY(declare_name(decl.name, package, id));
    resolve_.worlds_.push_back(
        {decl.name.text, package, {}, {}, decl.attributes.docs, decl.attributes.stability});
    worlds_.push_back({&decl, {package, &scope}, Mark::New});
    made.worlds.push_back(id);
  }
  return {};
}

Result<void> ResolveBuilder::declare_name(const ast::Name& name, PackageId package, ItemId id) {
  if (items_[package.value].emplace(name.text, id).second) return {};
  return sources_.error(name.span, fmt::format("`{}` is defined twice in package `{}`", name.text,
                                               resolve_.package(package).name.to_string()));
}

std::string ResolveBuilder::item_key(PackageId package, const std::string& name) const {
  return resolve_.package(package).name.to_string() + "/" + name;
}

Result<ResolveBuilder::ItemId> ResolveBuilder::look_up(const ast::Path& path,
                                                       const Place& place) const {
  const ast::Path* target = &path;
  if (!path.package) {
    for (const ast::TopUse& use : place.file->uses) {
      if (use.as.text == path.item) target = &use.path;
    }
  }
  if (!target->package) return look_up_in(place.package, *target);
  auto package = resolve_.find_package(*target->package);
  // Only a package's own name may lack the version; collect_units checked the others.
  return look_up_in(package.value_or(place.package), *target);
}

Result<ResolveBuilder::ItemId> ResolveBuilder::look_up_in(PackageId package,
                                                          const ast::Path& path) const {
  const auto& items = items_[package.value];
  auto found = items.find(path.item);
  if (found == items.end()) return unknown_item(packages_.units[package.value], path);
  return found->second;
}

Error ResolveBuilder::unknown_item(const PackageUnit& unit, const ast::Path& path) const {
  std::vector<std::string_view> names;
  for (const ast::Scope& scope : unit.scopes) {
    for (const auto& decl : scope.interfaces) names.push_back(decl.name.text);
    for (const auto& decl : scope.worlds) names.push_back(decl.name.text);
  }
  std::string help = did_you_mean(path.item, names);
  auto dropped = packages_.dropped.find(unit.name.to_string() + "/" + path.item);
  if (dropped != packages_.dropped.end()) {
    help = fmt::format("it is behind the feature `{}`, which is not enabled", dropped->second);
  }
  return sources_.error(
      path.span,
      fmt::format("package `{}` has no interface or world `{}`", unit.name.to_string(), path.item),
      help);
}

Result<InterfaceId> ResolveBuilder::look_up_interface(const ast::Path& path,
                                                      const Place& place) const {
  auto item = TRY(look_up(path, place));
  if (const auto* id = std::get_if<InterfaceId>(&item)) return *id;
  return sources_.error(path.span,
                        fmt::format("`{}` is a world, expected an interface", path.to_string()));
}

Result<void> ResolveBuilder::resolve_interface(InterfaceId id, Span from) {
  // An inline interface has no entry: it is filled where it is made.
  if (interfaces_[id.value].mark == Mark::Done) return {};
  if (interfaces_[id.value].mark == Mark::Open) {
    return sources_.error(
        from, fmt::format("interface `{}` depends on itself", resolve_.interface(id).name));
  }
  if (depth_ == kMaxUseDepth) {
    return sources_.error(from,
                          fmt::format("interfaces use each other more than {} deep", kMaxUseDepth));
  }
  interfaces_[id.value].mark = Mark::Open;
  ++depth_;
  const ast::InterfaceDecl& decl = *interfaces_[id.value].decl;
  Place place = interfaces_[id.value].place;
  TRY(fill_interface(id, decl, place));
  --depth_;
  interfaces_[id.value].mark = Mark::Done;
  return {};
}

Result<void> ResolveBuilder::fill_interface(InterfaceId id, const ast::InterfaceDecl& decl,
                                            const Place& place) {
  TypeScope scope{id, item_key(place.package, decl.name.text), {}};
  Declarations declarations{{}, place};
  for (const ast::InterfaceItem& item : decl.items) {
    if (const auto* use = std::get_if<ast::UseDecl>(&item)) declarations.items.emplace_back(use);
    if (const auto* type = std::get_if<ast::TypeDecl>(&item)) declarations.items.emplace_back(type);
  }
  auto types = TRY(resolve_types(scope, declarations));
  std::vector<Function> functions;
  std::set<std::string> function_names;
  for (const ast::InterfaceItem& item : decl.items) {
    if (const auto* type = std::get_if<ast::TypeDecl>(&item)) {
      TRY(add_resource_functions(scope, *type, functions));
    }
    const auto* function = std::get_if<ast::FunctionDecl>(&item);
    if (function == nullptr) continue;
    const ast::Name& name = function->name;
    if (scope.names.contains(name.text) || !function_names.insert(name.text).second) {
      return sources_.error(name.span, fmt::format("`{}` is defined twice", name.text));
    }
    auto made = TRY(make_function(scope, *function));
    functions.push_back(std::move(made));
  }
  Interface& filled = resolve_.interfaces_[id.value];
  filled.types = std::move(types);
  filled.functions = std::move(functions);
  return {};
}

}  // namespace spindle::wit
