#include "assemble/wit_encode/world_view.h"

namespace spindle::assemble {

namespace {

std::optional<wit::Version> version_in(std::string_view name) {
  auto at = name.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  auto version = wit::parse_version(name.substr(at + 1));
  if (!version) return std::nullopt;
  return *version;
}

}  // namespace

std::string track_name(std::string_view name) {
  auto version = version_in(name);
  if (!version) return std::string(name);
  return std::string(name.substr(0, name.find('@') + 1)) + wit::compatibility_track(*version);
}

WorldView::WorldView(const wit::Resolve& resolve, wit::WorldId world)
    : resolve_(resolve), world_(resolve.world(world)) {
  for (const auto& item : world_.imports) {
    if (const auto* interface = std::get_if<wit::WorldInterface>(&item.item)) {
      add_import(item, interface->id);
    } else if (const auto* function = std::get_if<wit::Function>(&item.item)) {
      import_functions_.emplace(resolve_.extern_name(*function), function);
    }
  }
  for (auto& interface : imports_) index_items(interface);
  for (const auto& item : world_.exports) {
    exports_by_name_.emplace(item.name, &item);
    const auto* interface = std::get_if<wit::WorldInterface>(&item.item);
    if (interface != nullptr) exports_by_id_.emplace(interface->id, &item);
  }
}

void WorldView::add_import(const wit::WorldItem& item, wit::InterfaceId id) {
  auto [place, is_new] = by_track_.try_emplace(track_name(item.name), imports_.size());
  by_id_[id] = place->second;
  if (is_new) {
    imports_.push_back({item.name, {id}, {}, {}});
    return;
  }
  auto& known = imports_[place->second];
  auto newest = version_in(known.name);
  auto version = version_in(item.name);
  if (newest && version && *newest < *version) {
    known.name = item.name;
    known.versions.insert(known.versions.begin(), id);
  } else {
    known.versions.push_back(id);
  }
}

void WorldView::index_items(ImportedInterface& interface) {
  for (auto version : interface.versions) {
    const auto& items = resolve_.interface(version);
    for (const auto& function : items.functions) {
      interface.functions.emplace(resolve_.extern_name(function), &function);
    }
    for (auto type : items.types) {
      auto [place, is_new] = interface.types.emplace(resolve_.type(type).name, type);
      if (!is_new) canonical_.emplace(type, place->second);
    }
  }
}

const ImportedInterface* WorldView::find_import(std::string_view name) const {
  auto found = by_track_.find(track_name(name));
  return found == by_track_.end() ? nullptr : &imports_[found->second];
}

const ImportedInterface* WorldView::find_import(wit::InterfaceId id) const {
  auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &imports_[found->second];
}

const wit::Function* WorldView::find_import_function(const std::string& name) const {
  auto found = import_functions_.find(name);
  return found == import_functions_.end() ? nullptr : found->second;
}

const wit::Function* WorldView::find_function(const ImportedInterface& interface,
                                              const std::string& name) {
  auto found = interface.functions.find(name);
  return found == interface.functions.end() ? nullptr : found->second;
}

std::optional<wit::TypeId> WorldView::find_type(const ImportedInterface& interface,
                                                std::string_view name) {
  auto found = interface.types.find(name);
  if (found == interface.types.end()) return std::nullopt;
  return found->second;
}

const wit::WorldItem* WorldView::find_export(wit::InterfaceId id) const {
  auto found = exports_by_id_.find(id);
  return found == exports_by_id_.end() ? nullptr : found->second;
}

const wit::WorldItem* WorldView::find_export(std::string_view name) const {
  auto found = exports_by_name_.find(name);
  return found == exports_by_name_.end() ? nullptr : found->second;
}

bool WorldView::is_exported(wit::TypeId id) const {
  const auto* owner = std::get_if<wit::InterfaceId>(&resolve_.type(id).owner);
  return owner != nullptr && exports_by_id_.contains(*owner);
}

wit::TypeId WorldView::canonical(wit::TypeId id) const {
  auto found = canonical_.find(id);
  return found == canonical_.end() ? id : found->second;
}

}  // namespace spindle::assemble
