#pragma once

// HostRegistry: which interfaces the host offers, and which of them an import means.
//
// An import names an interface with a version. The interface of exactly that name wins; else the
// highest registered version of the same compatibility track (all of 0.2.x, all of 1.x). Versions
// 0.0.z and pre-releases match only exactly. Types are compared besides, function by function.
//
// Filled once when the program starts, then read from every thread. Tables outlive it.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "component/host/host_interface.h"

namespace spindle::component {

// A core module that scripts and embedders offer by name.
struct HostModule {
  std::string name;
  std::vector<uint8_t> bytes;
};

class HostRegistry {
 public:
  // What happens with imports that nobody offers.
  enum class Missing : uint8_t {
    Refuse,
    TrapWhenCalled,
  };

  explicit HostRegistry(Missing missing = Missing::Refuse) : missing_(missing) {}

  // Of two with the same name the later is found.
  void add(const HostInterface& interface) { interfaces_.push_back(&interface); }
  void add(HostModule module) { modules_.push_back(std::move(module)); }

  Missing missing() const { return missing_; }
  std::span<const HostInterface* const> interfaces() const { return interfaces_; }
  // The index of the interface that `name` means.
  std::optional<uint32_t> find_interface(std::string_view name) const;
  const HostInterface& interface(uint32_t index) const { return *interfaces_[index]; }
  const HostFunction* find_function(uint32_t interface, std::string_view name) const;
  const ResourceType* find_resource(uint32_t interface, std::string_view name) const;
  const HostModule* find_module(std::string_view name) const;
  // Another version of the same interface, for messages.
  std::optional<std::string_view> nearest(std::string_view name) const;

 private:
  Missing missing_;
  std::vector<const HostInterface*> interfaces_;
  std::vector<HostModule> modules_;
};

// `wasi:io/streams@0.2.6` without its version, and the version where it has a valid one.
struct InterfaceName {
  std::string_view base;
  std::string_view version;
};
InterfaceName split_interface_name(std::string_view name);
// The name with its compatibility track in place of the version: `wasi:io/streams@0.2`.
std::string track_name(std::string_view name);

}  // namespace spindle::component
