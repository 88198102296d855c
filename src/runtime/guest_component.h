#pragma once

// GuestComponent: one component of an application, ready to run: compiled code, what it finds when
// it starts, what it may reach. Made once at start, then shared by all threads.
//
// GuestInstance: one live guest: an instance with the host objects that serve it. It is made for
// one request, or kept in an InstancePool for several; what a request acquired and did not give
// back goes with it.

#include <memory>
#include <string>
#include <vector>

#include "app/late_imports.h"
#include "component/runtime/instance.h"
#include "component/runtime/prepared.h"
#include "host/component_config.h"
#include "host/services.h"
#include "http/message.h"
#include "link/late_interface.h"
#include "link/link_table.h"
#include "link/request.h"
#include "runtime/instance_pool.h"
#include "runtime/limits.h"
#include "wasi/core/guest_environment.h"
#include "wasi/core/instance_state.h"

namespace spindle::runtime {

struct GuestComponent {
  explicit GuestComponent(host::ComponentConfig config) : host(std::move(config)) {}

  std::string id;
  std::string description;
  // What `prepared` has in the place of interfaces that are bound at run time.
  std::vector<std::unique_ptr<link::LateInterface>> late_interfaces;
  std::shared_ptr<const component::PreparedComponent> prepared;
  // prepared->interfaces()[i] is implemented by slot slots[i] of a HostObjects, or kLateSlot.
  static constexpr uint16_t kLateSlot = UINT16_MAX;
  std::vector<uint16_t> slots;
  // Whether some of the slots are denied: a dependency does not inherit everything.
  bool has_denied = false;
  // The candidates that new requests see; null where there are no late imports.
  std::vector<app::LateImport> late_imports;
  std::unique_ptr<link::LinkSlot> links;
  wasi::GuestEnvironment environment;
  host::ComponentConfig host;
  InstanceLimits limits;
  // What manifest and flags say; who runs the component decides the rest.
  app::InstanceReuse reuse;
};

// What a guest runs for.
struct GuestRequest {
  // They outlive the guest.
  http::HeaderView headers;
  // Of a callee of a late import: the request as a whole, and how deep it is in it.
  link::LinkRequest* request = nullptr;
  uint32_t depth = 0;
  // How many components that call each other by HTTP led to this one.
  uint32_t chain = 0;
  // Of this request alone, instead of the component's; null for that one.
  std::shared_ptr<const wasi::GuestEnvironment> environment;
};

class GuestLinks;
class HostObjects;

class GuestInstance final : public PooledGuest {
 public:
  // `component`, and what `services` and `request` name, outlive the instance.
  static io::Task<Result<std::unique_ptr<GuestInstance>>> create(const host::Services& services,
                                                                 const GuestComponent& component,
                                                                 GuestRequest request);

  component::ComponentInstance& component() { return *instance_; }
  bool is_healthy() override { return !instance_->is_poisoned(); }
  bool is_clean() override { return links_ == nullptr && !has_tasks(); }
  bool needs_end() override { return has_tasks() || instance_->needs_close(); }
  io::Task<void> done() override;
  io::Task<void> end() override;
  // The instance of `lease`, with a request in it. Who comes first makes it, for `request`; the
  // others wait. What is referred to outlives the lease.
  static io::Task<Result<GuestInstance*>> enter(InstanceLease& lease,
                                                const host::Services& services,
                                                const GuestComponent& component,
                                                GuestRequest request);

  // A request enters, or has left: it brings its processor time, which those that are in an
  // instance together share.
  void begin_request();
  void end_request();
  // After a call: what it left to do in callees of late imports.
  io::Task<Result<void>> finish();
  // Is there anything for finish() to do?
  bool must_finish() const;
  // What the guest ended itself with, after a failed call.
  const std::optional<wasi::ExitStatus>& exit_status() const;

  GuestInstance(const host::Services& services, const GuestComponent& component,
                const GuestRequest& request);
  ~GuestInstance() override;

 private:
  // Something goes on in it.
  bool has_tasks() const;
  component::InstanceOptions options(const host::Services& services,
                                     const GuestComponent& component,
                                     std::span<void*> implementations) const;

  uint64_t cpu_ticks_;
  uint32_t requests_ = 0;
  bool is_new_ = true;
  // Of the request, where this guest is the first of it and has late imports.
  std::optional<link::LinkRequest> own_request_;
  link::LinkRequest* request_ = nullptr;
  std::unique_ptr<GuestLinks> links_;
  std::shared_ptr<const wasi::GuestEnvironment> own_environment_;
  std::unique_ptr<HostObjects> objects_;
  // Below the objects, so that its resources go first.
  std::unique_ptr<component::ComponentInstance> instance_;
};

}  // namespace spindle::runtime
