#include "runtime/guest_component.h"

#include "component/async/async_state.h"
#include "runtime/host_objects.h"
#include "runtime/late_links.h"
#include "wasm/engine.h"

namespace spindle::runtime {
namespace {

uint64_t ticks(std::chrono::milliseconds cpu_time) {
  return std::max<uint64_t>(1, static_cast<uint64_t>(cpu_time / wasm::kEpochTick));
}

}  // namespace

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
      objects_(std::make_unique<HostObjects>(
          services, component, own_environment_ ? *own_environment_ : component.environment,
          links_ ? &links_->session() : nullptr, request.chain)) {}

GuestInstance::~GuestInstance() = default;

const std::optional<wasi::ExitStatus>& GuestInstance::exit_status() const {
  return objects_->exit_status();
}

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
    implementations[i] = guest->objects_->implementation(component.slots[i]);
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
