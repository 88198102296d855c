#pragma once

// What guests find: the interfaces that the host offers, and HostObjects, which implements them for
// one instance. Only who makes instances includes it: it knows every interface, and so costs more
// to compile than all else of the room.

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "component/plan/host_registry.h"
#include "host/outbound/guest_sockets.h"
#include "host/outbound_http/outbound_http.h"
#include "host/registry.h"
#include "host/services.h"
#include "link/select.h"
#include "runtime/denied.h"
#include "runtime/guest_component.h"
#include "wasi/p2/http/types.h"
#include "wasi/p2/registry.h"
#include "wasi/p3/registry.h"

namespace spindle::runtime {

// The host objects of one instance.
class HostObjects {
 public:
  // `session` is null where the component has no late imports.
  HostObjects(const host::Services& services, const GuestComponent& component,
              const wasi::GuestEnvironment& environment, link::LinkSession* session,
              uint32_t chain);

  // By slot, as host_interfaces() counts.
  void* implementation(size_t slot) const;
  const std::optional<wasi::ExitStatus>& exit_status() const { return instance_.exit_status; }

 private:
  host::OutboundPermission permission_;
  host::GuestSockets sockets_;
  wasi::InstanceState instance_;
  wasi::p2::State wasi_;
  host::HttpGate http_gate_;
  wasi::p3::State wasi_p3_;
  wasi::p2::HttpTypes http_types_;
  wasi::p2::OutgoingHandler outgoing_handler_;
  link::Select select_;
  host::State host_;
  std::optional<DeniedObjects> denied_;
  std::array<component::HostBinding, 3> other_bindings_;
};

}  // namespace spindle::runtime
