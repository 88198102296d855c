#include "runtime/application.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "app/executor.h"
#include "runtime/composition.h"
#include "runtime/denied.h"
#include "runtime/mounts.h"

namespace spindle::runtime {
namespace {

// Threads for SQLite and other calls that block.
constexpr unsigned kBlockingThreads = 4;

std::vector<uint16_t> slots_of(const GuestComponent& component) {
  auto offered = host_interfaces();
  std::vector<uint16_t> slots;
  for (const auto* interface : component.prepared->interfaces()) {
    auto found = std::ranges::find(offered, interface);
    const bool is_late = std::ranges::any_of(component.late_interfaces, [&](const auto& late) {
      return &late->interface() == interface;
    });
    VERIFY(is_late || found != offered.end());
    slots.push_back(is_late ? GuestComponent::kLateSlot
                            : static_cast<uint16_t>(found - offered.begin()));
  }
  return slots;
}

std::shared_ptr<wasi::OutputSink> make_sink(const OutputOptions& options, const std::string& id,
                                            std::string_view stream) {
  wasi::GuestLog::Options log;
  if (!options.log_directory.empty()) {
    log.path = wasi::guest_log_path(options.log_directory, id, stream);
    if (options.truncate) {
      std::error_code ignored;
      if (std::filesystem::exists(log.path, ignored)) {
        std::filesystem::resize_file(log.path, 0, ignored);
      }
    }
  }
  if (options.follows && options.follows(id)) log.copy_to = STDERR_FILENO;
  return std::make_shared<wasi::GuestLog>(std::move(log));
}

}  // namespace

Result<std::unique_ptr<Application>> Application::create(app::LockedApp locked,
                                                         ApplicationOptions options,
                                                         Progress& progress) {
  std::unique_ptr<Application> application(new Application(std::move(locked)));
  application->pool_ = std::make_unique<io::BlockingPool>(kBlockingThreads);
  application->name_lookups_ = std::make_unique<io::BlockingPool>(kBlockingThreads);
  application->outbound_ = options.config.outbound;
  application->connection_limits_ =
      std::make_shared<host::ConnectionLimits>(options.config.outbound);
  application->client_tls_ =
      TRY(host::ClientTls::create(options.config.client_tls, app::DiskFiles()));
  application->report_denial_ = options.report_denial;
  application->limits_ = options.limits;
  application->fusing_ = options.fusing;
  application->mount_access_ = options.mount_access;
  application->output_ = options.output;
  TRY(application->make_resolver(std::move(options.providers)));
  application->open_stores(options);
  application->engine_ = options.shared_engine;
  if (!application->engine_) application->engine_ = TRY(wasm::Engine::create(options.engine));
  if (options.caching == Caching::On) {
    // Without a cache a start is slower, nothing else.
    auto directory = wasm::CodeCache::default_directory();
    if (directory) {
      auto cache = wasm::CodeCache::open(*directory);
      if (cache) application->cache_ = cache.take_value();
    }
  }
  TRY(application->prepare(progress));
  return application;
}

const GuestComponent* Application::find_component(std::string_view id) const {
  auto found = components_.find(id);
  return found == components_.end() ? nullptr : found->second.get();
}

Result<void> Application::make_resolver(app::VariableProviders providers) {
  auto resolver = TRY(app::Resolver::create(locked_, std::move(providers)));
  TRY(resolver.check_required());
  resolver_.emplace(std::move(resolver));
  return {};
}

void Application::open_stores(const ApplicationOptions& options) {
  std::optional<std::filesystem::path> state_directory;
  if (!options.state_directory.empty()) state_directory = options.state_directory;
  key_value_ = std::make_unique<host::KeyValueStores>(
      host::KeyValueStores::create(options.config, state_directory, *pool_));
  llm_ = options.config.llm_compute;
  sqlite_ = std::make_unique<host::SqliteDatabases>(options.config, state_directory);
}

Result<void> Application::prepare(Progress& progress) {
  std::vector<std::string> wanted;
  for (const auto& trigger : locked_.triggers) {
    if (trigger.component.empty()) continue;
    const app::Table* config = trigger.config.as_table();
    if (trigger.type == "http" && config != nullptr &&
        app::executor_type(*config) == app::kStaticFilesExecutor) {
      continue;
    }
    if (std::ranges::find(wanted, trigger.component) == wanted.end()) {
      wanted.push_back(trigger.component);
    }
  }
  for (size_t index = 0; index < wanted.size(); ++index) {
    const auto* component = locked_.find_component(wanted[index]);
    if (component == nullptr) {
      return Error::not_found(fmt::format(
          "a trigger names the component `{}`, which the manifest does not define", wanted[index]));
    }
    progress.compiling(component->id, index + 1, wanted.size());
    auto prepared = prepare_component(*component);
    std::unique_ptr<GuestComponent> ready =
        TRY(std::move(prepared).context(fmt::format("preparing component `{}`", component->id)));
    if (!ready->prepared->is_fused()) {
      progress.note(component->id, "not fused: " + ready->prepared->not_fused_because());
    }
    Chain chain{component->id};
    TRY(link(*ready, chain).context(fmt::format("preparing component `{}`", component->id)));
    components_.emplace(component->id, std::move(ready));
  }
  progress.done();
  return {};
}

Result<std::unique_ptr<GuestComponent>> Application::prepare_component(
    const app::LockedComponent& component) {
  auto bytes = TRY(load_component(component));
  host::OutboundTerms outbound{.report_denial = report_denial_,
                               .limits = connection_limits_,
                               .mqtt_payload_bytes_max = outbound_.mqtt_payload_bytes_max};
  for (const auto& other : locked_.components) outbound.component_ids.push_back(other.id);
  auto host =
      TRY(host::ComponentConfig::create(component, {*key_value_, *sqlite_, llm_ ? &*llm_ : nullptr},
                                        *resolver_, std::move(outbound)));
  host.outbound_http = {.component = component.id,
                        .tls = client_tls_.get(),
                        .http2_authority = outbound_.http2_authority};
  auto made = std::make_unique<GuestComponent>(std::move(host));
  made->id = component.id;
  made->description = component.description;
  made->limits = limits_;
  made->environment = TRY(make_environment(component));
  made->reuse = component.spindle.instances;
  made->late_imports = component.spindle.late_imports;
  auto registry = is_composed(component) ? composition_registry_ : registry_;
  for (const auto& import : component.spindle.late_imports) {
    for (const auto& interface : import.interfaces) {
      made->late_interfaces.push_back(std::make_unique<link::LateInterface>(interface));
      registry.add(made->late_interfaces.back()->interface());
    }
  }
  component::PrepareOptions prepare;
  prepare.cache = cache_.get();
  prepare.fusing = fusing_;
  auto prepared = component::PreparedComponent::create(engine_, bytes, registry, prepare);
  made->prepared =
      TRY(std::move(prepared).context(fmt::format("`{}`", component.source.path().value_or(""))));
  made->slots = slots_of(*made);
  const size_t granted = host_interfaces().size() - denied_interfaces().size();
  made->has_denied = std::ranges::any_of(made->slots, [&](uint16_t slot) {
    return slot >= granted && slot != GuestComponent::kLateSlot;
  });
  return made;
}

Result<wasi::GuestEnvironment> Application::make_environment(
    const app::LockedComponent& component) const {
  wasi::GuestEnvironment environment;
  environment.variables.assign(component.environment.begin(), component.environment.end());
  environment.mounts = TRY(make_mounts(component, mount_access_));
  environment.standard_output = make_sink(output_, component.id, "stdout");
  environment.standard_error = make_sink(output_, component.id, "stderr");
  return environment;
}

}  // namespace spindle::runtime
