#include "cli/prepared_app.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "app/loader.h"
#include "app/runtime_config.h"
#include "app/system.h"
#include "cli/initial_data.h"
#include "cli/terminal.h"
#include "host/variables/vault.h"

namespace spindle::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kRuntimeConfigBytesMax = 1 << 20;
// Without a pool that says how many instances there can be.
constexpr size_t kInstances = 1000;

}  // namespace

Result<app::LockedApp> load_application(const UpOptions& options, const fs::path& source,
                                        const WorkingDirectory& working) {
  app::LoadOptions load;
  load.profile = options.profile.value_or("");
  load.working_directory = working.path();
  load.mounts = options.direct_mounts ? app::MountMode::Direct : app::MountMode::Copy;
  for (const auto& argument : options.environment) {
    auto pair = TRY(app::parse_env_argument(argument));
    load.environment.push_back(std::move(pair));
  }
  auto locked = TRY(app::load_app(source, load));
  if (!options.component_ids.empty()) TRY(app::keep_components(locked, options.component_ids));
  static constexpr std::array<std::string_view, 2> kSupported = {"local_service_chaining",
                                                                 "middleware"};
  TRY(app::check_requirements(locked, kSupported));
  for (const auto& trigger : locked.triggers) {
    if (trigger.type == "http" || trigger.type == "redis") continue;
    return Error::not_supported(fmt::format(
        "trigger `{}`: triggers of type \"{}\" are not supported yet, only \"http\" and \"redis\"",
        trigger.id, trigger.type));
  }
  return locked;
}

namespace {

Result<app::RuntimeConfig> read_config(const std::optional<fs::path>& path) {
  if (!path) return app::RuntimeConfig{};
  auto text = TRY(app::DiskFiles().read(path->string(), kRuntimeConfigBytesMax));
  auto directory = fs::absolute(*path).parent_path().string();
  return app::parse_runtime_config(app::SourceText(path->string(), std::move(text)), directory);
}

// The directories of state and logs; empty for none.
struct Directories {
  std::string state;
  std::string logs;
};

Directories choose_directories(const UpOptions& options, const app::RuntimeConfig& config,
                               const fs::path& source) {
  Directories chosen;
  auto beside = fs::is_directory(source) ? source : source.parent_path();
  chosen.state = options.state_directory.value_or(
      config.state_dir.value_or(fs::absolute(beside / ".spin").lexically_normal().string()));
  std::string logs = chosen.state.empty() ? "" : (fs::path(chosen.state) / "logs").string();
  chosen.logs = options.log_directory.value_or(config.log_dir.value_or(logs));
  return chosen;
}

Result<void> prepare_logs(const std::string& directory) {
  if (directory.empty()) return {};
  std::error_code code;
  fs::create_directories(directory, code);
  if (code) {
    return Error::unavailable(
        fmt::format("creating the log directory `{}`: {}", directory, code.message()));
  }
  fmt::print(stderr, "Logging component stdio to \"{}/\"\n", directory);
  return {};
}

Result<void> check_follow(const UpOptions& options, const app::LockedApp& locked) {
  for (const auto& id : options.follow) {
    if (locked.find_component(id) != nullptr) continue;
    return Error::not_found(fmt::format("--follow {}: the application has no such component", id));
  }
  return {};
}

runtime::ApplicationOptions application_options(const UpOptions& options,
                                                const Directories& directories) {
  runtime::ApplicationOptions made;
  if (options.instance_memory_bytes) made.limits.memory_bytes = *options.instance_memory_bytes;
  made.limits.cpu_time = options.cpu_time;
  made.caching = options.disable_cache ? runtime::Caching::Off : runtime::Caching::On;
  if (options.disable_pooling) made.engine.pooling = wasm::Pooling::Off;
  if (options.disable_fusing) made.fusing = component::Fusing::Off;
  if (options.allow_transient_write) made.mount_access = wasi::Access::ReadWrite;
  made.report_denial = [](const std::string& text, const std::string& help) {
    fmt::print(stderr, "{} {}\n{}\n", emphasize("Warning:", Emphasis::Caution, STDERR_FILENO), text,
               help);
  };
  made.state_directory = directories.state;
  made.output.log_directory = directories.logs;
  made.output.truncate = options.truncate_logs;
  made.output.follows = [quiet = options.quiet, follow = options.follow](const std::string& id) {
    return !quiet && (follow.empty() || std::ranges::find(follow, id) != follow.end());
  };
  return made;
}

bool may_chain(const app::LockedApp& locked) {
  return std::ranges::any_of(locked.components, [](const app::LockedComponent& component) {
    return std::ranges::any_of(component.allowed_outbound_hosts, [](const std::string& entry) {
      return entry.contains(".spin.internal") || entry.contains("{{") || entry.contains("://*");
    });
  });
}

// What one of `threads` loops may hold for HTTP, beside `others` instances of all loops.
runtime::InstancePools::Options places(const UpOptions& options,
                                       const runtime::Application& application, unsigned threads,
                                       size_t others) {
  size_t instances = application.engine().instances();
  if (instances > 0) instances = std::max(instances, others + 1) - others;
  // A request of late imports has a second instance, seldom more.
  if (application.has_candidates()) instances = (instances + 1) / 2;
  // While an application is replaced there are two.
  if (options.is_watched) instances = (instances + 1) / 2;
  if (instances == 0) instances = options.concurrent_requests.value_or(kInstances);
  auto share = [threads](size_t all) { return std::max<size_t>(1, all / threads); };
  runtime::InstancePools::Options made;
  made.instances_max = share(instances);
  if (may_chain(application.locked())) made.instances_reserved = made.instances_max / 2;
  if (options.concurrent_requests) made.requests_max = share(*options.concurrent_requests);
  made.waiting_max = std::min(made.instances_max, made.requests_max);
  return made;
}

Result<std::unique_ptr<trigger::RedisService>> make_redis_service(
    const UpOptions& options, const runtime::Application& application) {
  trigger::RedisServiceOptions service;
  service.report = report;
  service.note = [](const std::string& text) { fmt::print(stderr, "{}\n", text); };
  service.reuse = options.reuse;
  return trigger::RedisService::create(application, std::move(service));
}

Result<std::unique_ptr<trigger::HttpService>> make_http_service(
    const UpOptions& options, const runtime::Application& application, unsigned threads,
    size_t other_instances) {
  trigger::HttpServiceOptions service;
  service.response_time = options.response_time;
  service.report = report;
  service.reuse = options.reuse;
  service.request_time = options.request_timeout;
  service.instances = places(options, application, threads, other_instances);
  return trigger::HttpService::create(application, std::move(service));
}

bool has_triggers(const runtime::Application& application, std::string_view type) {
  return std::ranges::any_of(application.locked().triggers,
                             [&](const auto& trigger) { return trigger.type == type; });
}

// What the configuration adds to the options of the application.
Result<void> add_config(const UpOptions& options, app::RuntimeConfig config,
                        const app::ProcessEnvironment& environment,
                        runtime::ApplicationOptions& made) {
  if (!options.instance_memory_bytes && config.max_instance_memory) {
    made.limits.memory_bytes = *config.max_instance_memory;
  }
  config.outbound.http2_authority =
      environment.get("SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE").value_or("");
  app::DiskFiles files;
  auto given = TRY(app::StaticProvider::from_arguments(options.variables, files));
  made.providers = TRY(app::make_variable_providers(
      std::move(given), config, environment, files, [](app::VaultVariables settings) {
        return std::make_unique<host::VaultProvider>(std::move(settings));
      }));
  made.config = std::move(config);
  return {};
}

Result<void> initialize(const UpOptions& options, runtime::Application& application) {
  TRY(execute_sql(application, options.sql));
  TRY(store_key_values(application, options.key_values));
  for (const auto& line : default_storage_lines(application)) fmt::print(stderr, "{}\n", line);
  return {};
}

}  // namespace

void report(const std::string& text) {
  fmt::print(stderr, "{} {}\n", emphasize("error:", Emphasis::Bad, STDERR_FILENO), text);
}

unsigned loop_count(const UpOptions& options) {
  return options.threads.value_or(std::max(1u, std::thread::hardware_concurrency()));
}

Result<void> PreparedApp::make_services(const UpOptions& options) {
  if (has_triggers(*application_, "redis"))
    redis_ = TRY(make_redis_service(options, *application_));
  if (redis_ != nullptr && !has_triggers(*application_, "http")) return {};
  http_ = TRY(make_http_service(options, *application_, loop_count(options),
                                redis_ ? redis_->instances_max() : 0));
  for (const auto& warning : http_->routes().warnings) print_warning(warning);
  return {};
}

Result<std::shared_ptr<PreparedApp>> PreparedApp::create(const UpOptions& options,
                                                         const fs::path& source,
                                                         const PreparedApp* previous) {
  auto config = TRY(read_config(options.runtime_config));
  const auto& wanted = options.temporary_directory;
  auto working = TRY(wanted ? WorkingDirectory::named(*wanted) : WorkingDirectory::temporary("up"));
  auto locked = TRY(load_application(options, source, working));
  std::shared_ptr<PreparedApp> app(new PreparedApp(std::move(working)));
  for (const auto& warning : locked.warnings) print_warning(warning);
  TRY(check_follow(options, locked));
  auto directories = choose_directories(options, config, source);
  auto made = application_options(options, directories);
  TRY(add_config(options, std::move(config), app->environment_, made));
  if (previous != nullptr) {
    made.shared_engine = previous->application_->share_engine();
    made.output.truncate = false;
  } else {
    TRY(prepare_logs(directories.logs));
  }
  CompileProgress progress;
  app->application_ =
      TRY(runtime::Application::create(std::move(locked), std::move(made), progress));
  if (previous == nullptr) TRY(initialize(options, *app->application_));
  TRY(app->make_services(options));
  return app;
}

Served PreparedApp::served(const std::shared_ptr<PreparedApp>& app) {
  return {.application = *app->application_,
          .http = app->http_.get(),
          .redis = app->redis_.get(),
          .owner = app};
}

}  // namespace spindle::cli
