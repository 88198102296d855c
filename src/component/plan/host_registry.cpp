#include "component/plan/host_registry.h"

#include "wit/version.h"

namespace spindle::component {

InterfaceName split_interface_name(std::string_view name) {
  const size_t at = name.find('@');
  if (at == std::string_view::npos) return {name, {}};
  return {name.substr(0, at), name.substr(at + 1)};
}

std::string track_name(std::string_view name) {
  const InterfaceName parts = split_interface_name(name);
  Result<wit::Version> version = wit::parse_version(parts.version);
  if (parts.version.empty() || !version) return std::string(name);
  return std::string(parts.base) + "@" + wit::compatibility_track(*version);
}

std::optional<uint32_t> HostRegistry::find_interface(std::string_view name) const {
  for (auto i = static_cast<uint32_t>(interfaces_.size()); i-- > 0;) {
    if (interfaces_[i]->name == name) return i;
  }
  const std::string track = track_name(name);
  std::optional<uint32_t> best;
  std::optional<wit::Version> best_version;
  for (uint32_t i = 0; i < interfaces_.size(); ++i) {
    const InterfaceName parts = split_interface_name(interfaces_[i]->name);
    if (parts.version.empty() || track_name(interfaces_[i]->name) != track) continue;
    Result<wit::Version> version = wit::parse_version(parts.version);
    if (!version || (best_version && *version <= *best_version)) continue;
    best = i;
    best_version = version.take_value();
  }
  return best;
}

const HostFunction* HostRegistry::find_function(uint32_t interface, std::string_view name) const {
  for (const HostFunction& function : interfaces_[interface]->functions) {
    if (function.name == name) return &function;
  }
  return interfaces_[interface]->any_function;
}

const ResourceType* HostRegistry::find_resource(uint32_t interface, std::string_view name) const {
  for (const HostResourceExport& resource : interfaces_[interface]->resources) {
    if (resource.name == name) return resource.type;
  }
  return nullptr;
}

const HostModule* HostRegistry::find_module(std::string_view name) const {
  for (size_t i = modules_.size(); i-- > 0;) {
    if (modules_[i].name == name) return &modules_[i];
  }
  return nullptr;
}

std::optional<std::string_view> HostRegistry::nearest(std::string_view name) const {
  const std::string_view base = split_interface_name(name).base;
  std::optional<std::string_view> found;
  for (const HostInterface* interface : interfaces_) {
    if (split_interface_name(interface->name).base == base) found = interface->name;
  }
  return found;
}

}  // namespace spindle::component
