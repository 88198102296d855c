#include "assemble/wit_encode/world_view.h"

#include <algorithm>

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
    const auto* interface = std::get_if<wit::WorldInterface>(&item.item);
    if (interface == nullptr) continue;
    auto [place, is_new] = by_track_.try_emplace(track_name(item.name), imports_.size());
    by_id_[interface->id] = place->second;
    if (is_new) {
      imports_.push_back({item.name, {interface->id}});
      continue;
    }
    auto& known = imports_[place->second];
    auto newest = version_in(known.name);
    auto version = version_in(item.name);
    if (newest && version && *newest < *version) {
      known.name = item.name;
      known.versions.insert(known.versions.begin(), interface->id);
    } else {
      known.versions.push_back(interface->id);
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

const wit::Function* WorldView::find_import_function(std::string_view name) const {
  for (const auto& item : world_.imports) {
    const auto* function = std::get_if<wit::Function>(&item.item);
    if (function != nullptr && resolve_.extern_name(*function) == name) return function;
  }
  return nullptr;
}

const wit::Function* WorldView::find_function(const ImportedInterface& interface,
                                              std::string_view name) const {
  for (auto version : interface.versions) {
    for (const auto& function : resolve_.interface(version).functions) {
      if (resolve_.extern_name(function) == name) return &function;
    }
  }
  return nullptr;
}

std::optional<wit::TypeId> WorldView::find_type(const ImportedInterface& interface,
                                                std::string_view name) const {
  for (auto version : interface.versions) {
    if (auto type = resolve_.find_type(version, name)) return type;
  }
  return std::nullopt;
}

const wit::WorldItem* WorldView::find_export(wit::InterfaceId id) const {
  auto exports_it = [&](const wit::WorldItem& item) {
    const auto* interface = std::get_if<wit::WorldInterface>(&item.item);
    return interface != nullptr && interface->id == id;
  };
  auto found = std::ranges::find_if(world_.exports, exports_it);
  return found == world_.exports.end() ? nullptr : &*found;
}

const wit::WorldItem* WorldView::find_export(std::string_view name) const {
  auto found = std::ranges::find(world_.exports, name, &wit::WorldItem::name);
  return found == world_.exports.end() ? nullptr : &*found;
}

bool WorldView::is_exported(wit::TypeId id) const {
  const auto* owner = std::get_if<wit::InterfaceId>(&resolve_.type(id).owner);
  return owner != nullptr && find_export(*owner) != nullptr;
}

wit::TypeId WorldView::canonical(wit::TypeId id) const {
  const auto& type = resolve_.type(id);
  const auto* owner = std::get_if<wit::InterfaceId>(&type.owner);
  if (owner == nullptr || type.name.empty()) return id;
  const auto* interface = find_import(*owner);
  if (interface == nullptr || interface->versions.size() == 1) return id;
  return find_type(*interface, type.name).value_or(id);
}

}  // namespace spindle::assemble
