#include "runtime/guest_component.h"

#include "component/async/async_state.h"
#include "runtime/late_links.h"
#include "wasi/p2/snapshot.h"
#include "wasm/engine.h"

namespace spindle::runtime {
namespace {

namespace http = bindings::wasi::http_0_2;
namespace link_select = bindings::spindle_::link_0_1::select;

// wasi:http/types and wasi:http/outgoing-handler.
constexpr size_t kSnapshotOthers = 2;

uint64_t ticks(std::chrono::milliseconds cpu_time) {
  return std::max<uint64_t>(1, static_cast<uint64_t>(cpu_time / wasm::kEpochTick));
}

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

GuestInstance::GuestInstance(const host::Services& services, const GuestComponent& component,
                             const GuestRequest& request)
    : cpu_ticks_(ticks(component.limits.cpu_time)),
      request_(request.request),
      links_([&]() -> std::unique_ptr<GuestLinks> {
        if (component.links == nullptr) return nullptr;
        GuestRequest mine = request;
        if (request_ == nullptr) {
          request_ = &own_request_.emplace(cpu_ticks_);
        }
        mine.request = request_;
        // Callees have their own.
        mine.environment = nullptr;
        return std::make_unique<GuestLinks>(services, component, mine);
      }()),
      own_environment_(request.environment),
      objects_(services, component, own_environment_ ? *own_environment_ : component.environment,
               links_ ? &links_->session() : nullptr, request.chain) {}

GuestInstance::~GuestInstance() = default;

// What is left never exceeds what the requests that are in the instance may use, so that one that
// loops is ended whatever others come after it.
void GuestInstance::begin_request() {
  // The first one has what the store was made with.
  if (++requests_ == 1 && is_new_) {
    is_new_ = false;
    return;
  }
  wasm::Store& store = instance_->store();
  if (requests_ == 1) {
    store.set_cpu_budget(store.cpu_ticks() + cpu_ticks_);
  } else {
    store.set_cpu_budget(store.cpu_budget() + cpu_ticks_);
  }
}

void GuestInstance::end_request() {
  --requests_;
  wasm::Store& store = instance_->store();
  store.set_cpu_budget(
      std::min(store.cpu_budget(), store.cpu_ticks() + cpu_ticks_ * std::max(1U, requests_)));
}

bool GuestInstance::has_tasks() const {
  component::AsyncState* async = instance_->async();
  return async != nullptr && async->task_count() > 0;
}

io::Task<void> GuestInstance::done() {
  if (!has_tasks()) co_return;
  auto working = instance_->async()->idle();
  co_await std::move(working);
}

io::Task<void> GuestInstance::end() {
  if (!instance_->needs_close()) co_return;
  auto closing = instance_->close();
  co_await std::move(closing);
}

bool GuestInstance::must_finish() const {
  return own_request_ && own_request_->has_dropped();
}

io::Task<Result<void>> GuestInstance::finish() {
  if (!must_finish()) co_return Result<void>();
  auto destroying = own_request_->destroy_dropped();
  auto done = co_await std::move(destroying);
  co_return done;
}

component::InstanceOptions GuestInstance::options(const host::Services& services,
                                                  const GuestComponent& component,
                                                  std::span<void*> implementations) const {
  component::InstanceOptions options;
  options.implementations = implementations;
  options.handle_limit = component.limits.handles;
  options.host_resource_limit = component.limits.handles;
  options.store.loop = &services.loop;
  options.store.limits.memory_bytes = component.limits.memory_bytes;
  options.store.limits.table_elements = component.limits.table_elements;
  options.store.cpu_budget = cpu_ticks_;
  if (request_ != nullptr) {
    options.store.cpu_budget = std::min(options.store.cpu_budget, request_->budget().remaining());
  }
  return options;
}

io::Task<Result<std::unique_ptr<GuestInstance>>> GuestInstance::create(
    const host::Services& services, const GuestComponent& component, GuestRequest request) {
  auto guest = std::make_unique<GuestInstance>(services, component, request);
  std::vector<void*> implementations(component.slots.size());
  for (size_t i = 0; i < implementations.size(); ++i) {
    if (component.slots[i] == GuestComponent::kLateSlot) continue;
    implementations[i] = guest->objects_.implementation(component.slots[i]);
  }
  if (guest->links_) {
    link::bind_late(component.prepared->interfaces(), guest->links_->session(), implementations);
  }
  auto options = guest->options(services, component, implementations);
  auto creation = component::ComponentInstance::create(component.prepared, options);
  guest->instance_ = CO_TRY(co_await std::move(creation));
  if (guest->links_) guest->links_->session().attach(*guest->instance_);
  co_return guest;
}

io::Task<Result<GuestInstance*>> GuestInstance::enter(InstanceLease& lease,
                                                      const host::Services& services,
                                                      const GuestComponent& component,
                                                      GuestRequest request) {
  while (lease.guest() == nullptr) {
    if (!lease.try_make()) {
      auto waiting = lease.made();
      co_await std::move(waiting);
      continue;
    }
    auto making = create(services, component, request);
    auto made = co_await std::move(making);
    if (!made) {
      lease.give_up();
      co_return made.take_error();
    }
    lease.set_guest(made.take_value());
  }
  auto* guest = static_cast<GuestInstance*>(lease.guest());
  guest->begin_request();
  co_return guest;
}

}  // namespace spindle::runtime
