#pragma once

// GuestComponent: one component of an application, ready to run: compiled code, what it finds when
// it starts, what it may reach. Made once at start, then shared by all threads.
//
// GuestInstance: one live guest: a fresh instance with the host objects that serve it. It is made
// for one request and thrown away after it; everything the request acquired goes with it.

#include <memory>
#include <string>
#include <vector>

#include "component/runtime/instance.h"
#include "component/runtime/prepared.h"
#include "host/registry.h"
#include "runtime/denied.h"
#include "runtime/limits.h"
#include "wasi/core/guest_environment.h"
#include "wasi/core/services.h"
#include "wasi/p2/http/types.h"
#include "wasi/p2/registry.h"

namespace spindle::runtime {

struct GuestComponent {
  explicit GuestComponent(host::ComponentConfig config) : host(std::move(config)) {}

  std::string id;
  std::string description;
  std::shared_ptr<const component::PreparedComponent> prepared;
  // prepared->interfaces()[i] is implemented by slot slots[i] of a HostObjects.
  std::vector<uint16_t> slots;
  // Whether some of the slots are denied: a dependency does not inherit everything.
  bool has_denied = false;
  wasi::GuestEnvironment environment;
  host::ComponentConfig host;
  InstanceLimits limits;
};

// What all instances of the process share.
struct Shared {
  wasi::p2::Shared wasi;
  host::Shared host;
};

// All interfaces that the host offers, in the order of HostObjects.
std::vector<const component::HostInterface*> host_interfaces();
component::HostRegistry host_registry();
// With the denied interfaces, which only compositions import.
component::HostRegistry composition_registry();

// The host objects of one instance.
class HostObjects {
 public:
  HostObjects(const Shared& shared, const wasi::Services& services,
              const GuestComponent& component);

  // By slot, as host_interfaces() counts.
  void* implementation(size_t slot) const;
  const std::optional<wasi::ExitStatus>& exit_status() const { return wasi_.exit_status(); }

 private:
  wasi::p2::State wasi_;
  wasi::p2::HttpTypes http_types_;
  wasi::p2::OutgoingHandler outgoing_handler_;
  host::State host_;
  std::optional<DeniedObjects> denied_;
  std::array<component::HostBinding, 2> http_bindings_;
};

class GuestInstance {
 public:
  // `component` and what `services` names outlive the instance.
  static io::Task<Result<std::unique_ptr<GuestInstance>>> create(const Shared& shared,
                                                                 const wasi::Services& services,
                                                                 const GuestComponent& component);

  component::ComponentInstance& component() { return *instance_; }
  // What the guest ended itself with, after a failed call.
  const std::optional<wasi::ExitStatus>& exit_status() const { return objects_.exit_status(); }

  GuestInstance(const Shared& shared, const wasi::Services& services,
                const GuestComponent& component)
      : objects_(shared, services, component) {}

 private:
  HostObjects objects_;
  // Below the objects, so that its resources go first.
  std::unique_ptr<component::ComponentInstance> instance_;
};

}  // namespace spindle::runtime
