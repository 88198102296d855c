#include "runtime/host_objects.h"

#include "runtime/host_interfaces.h"
#include "wasi/p2/snapshot.h"

namespace spindle::runtime {
namespace {

namespace http = bindings::wasi::http_0_2;
namespace link_select = bindings::spindle_::link_0_1::select;

// wasi:http/types and wasi:http/outgoing-handler.
constexpr size_t kSnapshotOthers = 2;

}  // namespace

std::vector<const component::HostInterface*> host_interfaces() {
  std::vector<const component::HostInterface*> all;
  for (const auto* interface : wasi::p2::interfaces()) all.push_back(interface);
  for (const auto* interface : wasi::p3::interfaces()) all.push_back(interface);
  for (const auto* interface : wasi::p3::candidate_interfaces()) all.push_back(interface);
  all.push_back(&http::types::interface());
  all.push_back(&http::outgoing_handler::interface());
  all.push_back(&link_select::interface());
  for (const auto* interface : wasi::p2::snapshot_interfaces()) all.push_back(interface);
  for (const auto* interface : host::interfaces()) all.push_back(interface);
  for (const auto* interface : denied_interfaces()) all.push_back(interface);
  return all;
}

component::HostRegistry host_registry() {
  component::HostRegistry registry;
  auto all = host_interfaces();
  all.resize(all.size() - denied_interfaces().size());
  for (const auto* interface : all) registry.add(*interface);
  return registry;
}

component::HostRegistry composition_registry() {
  component::HostRegistry registry;
  for (const auto* interface : host_interfaces()) registry.add(*interface);
  return registry;
}

HostObjects::HostObjects(const host::Services& services, const GuestComponent& component,
                         const wasi::GuestEnvironment& environment, link::LinkSession* session,
                         uint32_t chain)
    : permission_(component.host.outbound),
      sockets_(permission_, services.dialer),
      instance_(services.loop, environment, sockets_),
      wasi_(services, environment, instance_),
      http_gate_(permission_, component.host.outbound_http, {services.outbound, chain}),
      wasi_p3_(services, environment, instance_, http_gate_),
      http_types_(services.loop),
      outgoing_handler_(services, http_gate_),
      select_(session),
      host_(component.host, services, permission_, http_gate_),
      other_bindings_{http::types::implement(http_types_),
                      http::outgoing_handler::implement(outgoing_handler_),
                      link_select::implement(select_)} {
  if (component.has_denied) denied_.emplace(services);
}

void* HostObjects::implementation(size_t slot) const {
  auto wasi = wasi_.bindings();
  if (slot < wasi.size()) return wasi[slot].implementation;
  slot -= wasi.size();
  auto wasi_p3 = wasi_p3_.bindings();
  // The release, then the candidate of the same objects.
  if (slot < 2 * wasi_p3.size()) return wasi_p3[slot % wasi_p3.size()].implementation;
  slot -= 2 * wasi_p3.size();
  if (slot < other_bindings_.size()) return other_bindings_[slot].implementation;
  slot -= other_bindings_.size();
  // The snapshot: WASI again, then the first two of the others.
  if (slot < wasi.size()) return wasi[slot].implementation;
  slot -= wasi.size();
  if (slot < kSnapshotOthers) return other_bindings_[slot].implementation;
  slot -= kSnapshotOthers;
  auto host = host_.bindings();
  if (slot < host.size()) return host[slot].implementation;
  return denied_->implementation(slot - host.size());
}

}  // namespace spindle::runtime
