#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "wit/limits.h"
#include "wit/resolve/builder.h"

namespace spindle::wit {
namespace {

WorldItem* find_item(std::vector<WorldItem>& items, std::string_view name) {
  auto found = std::ranges::find(items, name, &WorldItem::name);
  return found == items.end() ? nullptr : &*found;
}

// Interfaces go by id, everything else by a name that may be renamed.
bool has_plain_name(const Resolve& resolve, const WorldItem& item) {
  const auto* interface = std::get_if<WorldInterface>(&item.item);
  return interface == nullptr || resolve.interface_id(interface->id) != item.name;
}

bool same_thing(const WorldItem& left, const WorldItem& right) {
  const auto* left_type = std::get_if<TypeId>(&left.item);
  const auto* right_type = std::get_if<TypeId>(&right.item);
  return left_type != nullptr && right_type != nullptr && *left_type == *right_type;
}

// Puts the interfaces that others need into a world's imports, before those others.
class Elaboration {
 public:
  explicit Elaboration(const Resolve& resolve) : resolve_(resolve) {}

  void run(World& world) {
    imports_ = std::move(world.imports);
    for (WorldItem& item : imports_) {
      const auto* held = std::get_if<WorldInterface>(&item.item);
      if (held != nullptr) written_.emplace(item.name, &item);
    }
    for (const WorldItem& item : world.exports) exported_.insert(item.name);
    for (WorldItem& item : imports_) add_import(item);
    for (const WorldItem& item : world.exports) {
      const auto* held = std::get_if<WorldInterface>(&item.item);
      if (held != nullptr) add_export_needs(held->id);
    }
    world.imports = std::move(ordered_);
  }

 private:
  void add_import(WorldItem& item) {
    if (const auto* held = std::get_if<WorldInterface>(&item.item)) {
      if (done_.contains(item.name)) return;
      for (InterfaceId id : resolve_.dependencies(held->id)) add_needed(id);
      done_.insert(item.name);
    } else if (const auto* type = std::get_if<TypeId>(&item.item)) {
      add_needs_of_type(*type);
    }
    ordered_.push_back(item);
  }

  void add_needs_of_type(TypeId type) {
    const auto* alias = std::get_if<Alias>(&resolve_.type(type).kind);
    const auto* target = alias != nullptr ? std::get_if<TypeId>(&alias->target) : nullptr;
    if (target == nullptr) return;
    const auto* owner = std::get_if<InterfaceId>(&resolve_.type(*target).owner);
    if (owner == nullptr) return;
    for (InterfaceId id : resolve_.dependencies(*owner)) add_needed(id);
    add_needed(*owner);
  }

  void add_needed(InterfaceId id) {
    std::string name = resolve_.interface_id(id);
    if (!done_.insert(name).second) return;
    auto written = written_.find(name);
    if (written != written_.end()) {
      ordered_.push_back(*written->second);
    } else {
      ordered_.push_back({std::move(name), WorldInterface{id, true}, {}, {}});
    }
  }

  void add_export_needs(InterfaceId id) {
    for (InterfaceId needed : resolve_.direct_dependencies(id)) {
      // An exported interface brings the types itself, and its needs are looked at in its turn.
      if (exported_.contains(resolve_.interface_id(needed))) continue;
      for (InterfaceId deeper : resolve_.dependencies(needed)) add_needed(deeper);
      add_needed(needed);
    }
  }

  const Resolve& resolve_;
  std::vector<WorldItem> imports_;
  std::vector<WorldItem> ordered_;
  std::map<std::string, const WorldItem*> written_;
  std::set<std::string> exported_;
  std::set<std::string> done_;
};

}  // namespace

Result<void> ResolveBuilder::resolve_world(WorldId id, Span from) {
  Entry<ast::WorldDecl>& entry = worlds_[id.value];
  if (entry.mark == Mark::Done) return {};
  const std::string& name = entry.decl->name.text;
  if (entry.mark == Mark::Open) {
    return sources_.error(from, fmt::format("world `{}` includes itself", name));
  }
  if (depth_ == kMaxUseDepth) {
    return sources_.error(from,
                          fmt::format("worlds include each other more than {} deep", kMaxUseDepth));
  }
  entry.mark = Mark::Open;
  ++depth_;
  auto world = TRY(make_world(id, *entry.decl, entry.place));
  --depth_;
  resolve_.worlds_[id.value] = std::move(world);
  entry.mark = Mark::Done;
  return {};
}

Result<World> ResolveBuilder::make_world(WorldId id, const ast::WorldDecl& decl,
                                         const Place& place) {
  WorldParts parts{resolve_.world(id), {id, item_key(place.package, decl.name.text), {}}, place};
  Declarations declarations{{}, place};
  for (const ast::WorldItem& item : decl.items) {
    if (const auto* use = std::get_if<ast::UseDecl>(&item)) declarations.items.emplace_back(use);
    if (const auto* type = std::get_if<ast::TypeDecl>(&item)) declarations.items.emplace_back(type);
  }
  TRY(resolve_types(parts.scope, declarations));
  for (const ast::WorldItem& item : decl.items) TRY(add_world_item(parts, item));
  return std::move(parts.world);
}

Result<void> ResolveBuilder::add_world_item(WorldParts& parts, const ast::WorldItem& item) {
  if (const auto* decl = std::get_if<ast::ExternDecl>(&item)) return add_extern(parts, *decl);
  if (const auto* include = std::get_if<ast::IncludeDecl>(&item)) {
    return add_include(parts, *include);
  }
  auto add_type_item = [&](const ast::Name& name) -> Result<void> {
    if (find_item(parts.world.imports, name.text) != nullptr) {
      return sources_.error(name.span, fmt::format("`{}` is imported twice", name.text));
    }
    TypeId id = parts.scope.names.find(name.text)->second.id;
    const TypeDef& type = resolve_.type(id);
    parts.world.imports.push_back({name.text, id, type.docs, type.stability});
    return {};
  };
  if (const auto* use = std::get_if<ast::UseDecl>(&item)) {
    for (const ast::Rename& rename : use->names) TRY(add_type_item(rename.as));
    return {};
  }
  const auto& type = std::get<ast::TypeDecl>(item);
  TRY(add_type_item(type.name));
  std::vector<Function> functions;
  TRY(add_resource_functions(parts.scope, type, functions));
  for (Function& function : functions) {
    WorldItem made{resolve_.extern_name(function), {}, function.docs, function.stability};
    made.item = std::move(function);
    parts.world.imports.push_back(std::move(made));
  }
  return {};
}

Result<void> ResolveBuilder::add_extern(WorldParts& parts, const ast::ExternDecl& decl) {
  auto item = TRY(make_extern(parts, decl));
  item.docs = decl.attributes.docs;
  item.stability = decl.attributes.stability;
  bool import = decl.direction == ast::Direction::Import;
  auto& items = import ? parts.world.imports : parts.world.exports;
  WorldItem* known = find_item(items, item.name);
  if (known == nullptr) {
    items.push_back(std::move(item));
    return {};
  }
  // An include may have brought the interface already.
  if (!has_plain_name(resolve_, item)) return {};
  return sources_.error(
      decl.span, fmt::format("`{}` is {} twice", item.name, import ? "imported" : "exported"));
}

Result<WorldItem> ResolveBuilder::make_extern(WorldParts& parts, const ast::ExternDecl& decl) {
  if (const auto* path = std::get_if<ast::Path>(&decl.item)) {
    auto id = TRY(look_up_interface(*path, parts.place));
    return WorldItem{resolve_.interface_id(id), WorldInterface{id, false}, {}, {}};
  }
  if (const auto* labelled = std::get_if<ast::LabelledPath>(&decl.item)) {
    auto id = TRY(look_up_interface(labelled->path, parts.place));
    return WorldItem{labelled->label.text, WorldInterface{id, false}, {}, {}};
  }
  if (const auto* function = std::get_if<ast::FunctionDecl>(&decl.item)) {
    auto made = TRY(make_function(parts.scope, *function));
    return WorldItem{function->name.text, std::move(made), {}, {}};
  }
  const auto& held = std::get<ast::InterfaceDecl>(decl.item);
  auto id = TRY(make_inline(held, parts.place));
  return WorldItem{held.name.text, WorldInterface{id, false}, {}, {}};
}

Result<InterfaceId> ResolveBuilder::make_inline(const ast::InterfaceDecl& decl,
                                                const Place& place) {
  InterfaceId id(resolve_.interfaces_.size());
  resolve_.interfaces_.push_back(
      {{}, place.package, {}, {}, decl.attributes.docs, decl.attributes.stability});
  TRY(fill_interface(id, decl, place));
  return id;
}

Result<void> ResolveBuilder::add_include(WorldParts& parts, const ast::IncludeDecl& include) {
  auto item = TRY(look_up(include.from, parts.place));
  const auto* id = std::get_if<WorldId>(&item);
  if (id == nullptr) {
    return sources_.error(include.from.span, fmt::format("`{}` is an interface, expected a world",
                                                         include.from.to_string()));
  }
  TRY(resolve_world(*id, include.from.span));
  World world = resolve_.world(*id);
  for (const ast::Rename& rename : include.with) {
    bool known = false;
    for (auto* items : {&world.imports, &world.exports}) {
      WorldItem* found = find_item(*items, rename.name.text);
      if (found == nullptr || !has_plain_name(resolve_, *found)) continue;
      found->name = rename.as.text;
      known = true;
    }
    if (!known) {
      return sources_.error(rename.name.span,
                            fmt::format("world `{}` has no import or export named `{}`",
                                        include.from.to_string(), rename.name.text));
    }
  }
  TRY(merge_included(parts.world.imports, std::move(world.imports), include));
  return merge_included(parts.world.exports, std::move(world.exports), include);
}

Result<void> ResolveBuilder::merge_included(std::vector<WorldItem>& into,
                                            std::vector<WorldItem> items,
                                            const ast::IncludeDecl& include) {
  std::map<std::string, const WorldItem*> known;
  std::vector<WorldItem> fresh;
  for (const WorldItem& item : into) known.emplace(item.name, &item);
  for (WorldItem& item : items) {
    auto same = known.find(item.name);
    if (same == known.end()) {
      fresh.push_back(std::move(item));
    } else if (has_plain_name(resolve_, item) && !same_thing(item, *same->second)) {
      return sources_.error(
          include.from.span,
          fmt::format("world `{}` brings a second `{}`", include.from.to_string(), item.name),
          "rename it: `include ... with { name as other-name }`");
    }
  }
  if (into.size() + fresh.size() > kMaxItems) {
    return sources_.error(include.from.span, fmt::format("more than {} items", kMaxItems));
  }
  std::ranges::move(fresh, std::back_inserter(into));
  return {};
}

void ResolveBuilder::elaborate(World& world) const {
  Elaboration(resolve_).run(world);
}

}  // namespace spindle::wit
