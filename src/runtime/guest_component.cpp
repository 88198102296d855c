#include "runtime/guest_component.h"

#include "wasm/engine.h"

namespace spindle::runtime {
namespace {

namespace http = bindings::wasi::http_0_2;

}  // namespace

std::vector<const component::HostInterface*> host_interfaces() {
  std::vector<const component::HostInterface*> all;
  for (const auto* interface : wasi::p2::interfaces()) all.push_back(interface);
  all.push_back(&http::types::interface());
  all.push_back(&http::outgoing_handler::interface());
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

HostObjects::HostObjects(const Shared& shared, const wasi::Services& services,
                         const GuestComponent& component)
    : wasi_(shared.wasi, services, component.environment),
      http_types_(services.loop),
      host_(shared.host, component.host, services.loop),
      http_bindings_{http::types::implement(http_types_),
                     http::outgoing_handler::implement(outgoing_handler_)} {
  if (component.has_denied) denied_.emplace(shared.wasi, shared.host, services);
}

void* HostObjects::implementation(size_t slot) const {
  auto wasi = wasi_.bindings();
  if (slot < wasi.size()) return wasi[slot].implementation;
  slot -= wasi.size();
  if (slot < http_bindings_.size()) return http_bindings_[slot].implementation;
  slot -= http_bindings_.size();
  auto host = host_.bindings();
  if (slot < host.size()) return host[slot].implementation;
  return denied_->implementation(slot - host.size());
}

io::Task<Result<std::unique_ptr<GuestInstance>>> GuestInstance::create(
    const Shared& shared, const wasi::Services& services, const GuestComponent& component) {
  auto guest = std::make_unique<GuestInstance>(shared, services, component);
  std::vector<void*> implementations;
  implementations.reserve(component.slots.size());
  for (auto slot : component.slots) {
    implementations.push_back(guest->objects_.implementation(slot));
  }
  component::InstanceOptions options;
  options.implementations = implementations;
  options.handle_limit = component.limits.handles;
  options.host_resource_limit = component.limits.handles;
  options.store.loop = &services.loop;
  options.store.limits.memory_bytes = component.limits.memory_bytes;
  options.store.limits.table_elements = component.limits.table_elements;
  auto ticks = component.limits.cpu_time / wasm::kEpochTick;
  options.store.cpu_budget = std::max<uint64_t>(1, static_cast<uint64_t>(ticks));
  auto creation = component::ComponentInstance::create(component.prepared, options);
  guest->instance_ = CO_TRY(co_await std::move(creation));
  co_return guest;
}

}  // namespace spindle::runtime
