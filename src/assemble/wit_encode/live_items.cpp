#include "assemble/wit_encode/live_items.h"

namespace spindle::assemble {

void LiveItems::add_function(const ImportedInterface& interface, const wit::Function& function) {
  if (!interfaces_[&interface].functions.insert(&function).second) return;
  signature(function, Side::Import);
}

void LiveItems::signature(const wit::Function& function, Side side) {
  for (const auto& param : function.params) visit(param.type, side);
  if (function.result) visit(*function.result, side);
}

void LiveItems::visit(wit::TypeId id, Side side) {
  if (side == Side::Import || !world_.is_exported(id)) id = world_.canonical(id);
  // Types nest no deeper than the model allows.
  if (!seen_.insert({id, side}).second) return;
  const auto& type = world_.resolve().type(id);
  const auto* owner = std::get_if<wit::InterfaceId>(&type.owner);
  if (owner != nullptr && !type.name.empty()) {
    const auto* interface = world_.find_import(*owner);
    bool imported = side == Side::Import || !world_.is_exported(id);
    if (interface != nullptr && imported) interfaces_[interface].types.insert(id);
  }
  if (const auto* handle = std::get_if<wit::Handle>(&type.kind)) visit(handle->resource, side);
  wit::for_each_type(type.kind, [&](wit::Type mentioned) { visit(mentioned, side); });
}

void LiveItems::add_exported_interface(wit::InterfaceId id) {
  const auto& interface = world_.resolve().interface(id);
  for (auto type : interface.types) visit(type, Side::Export);
  for (const auto& function : interface.functions) signature(function, Side::Export);
}

const LiveInterface* LiveItems::find(const ImportedInterface& interface) const {
  auto found = interfaces_.find(&interface);
  return found == interfaces_.end() ? nullptr : &found->second;
}

}  // namespace spindle::assemble
