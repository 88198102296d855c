#include "cli/up.h"

#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "app/loader.h"
#include "app/runtime_config.h"
#include "app/system.h"
#include "cli/build_command.h"
#include "cli/find_application.h"
#include "cli/initial_data.h"
#include "cli/serve.h"
#include "cli/startup_text.h"
#include "cli/terminal.h"
#include "cli/tls_files.h"
#include "develop/build_manifest.h"
#include "host/variables/vault.h"
#include "runtime/application.h"
#include "trigger/http/http_trigger.h"

namespace spindle::cli {
namespace {

namespace fs = std::filesystem;

// How many ports --find-free-port tries.
constexpr unsigned kPortsTried = 10;
constexpr size_t kRuntimeConfigBytesMax = 1 << 20;
// Without a pool that says how many instances there can be.
constexpr size_t kInstances = 1000;

// Deleted with everything in it, unless the user named it.
class WorkingDirectory {
 public:
  static Result<WorkingDirectory> create(const std::optional<fs::path>& wanted) {
    WorkingDirectory made;
    std::error_code code;
    if (wanted) {
      fs::create_directories(*wanted, code);
      if (code) {
        return Error::unavailable(
            fmt::format("creating directory `{}`: {}", wanted->string(), code.message()));
      }
      made.path_ = fs::absolute(*wanted);
      return made;
    }
    auto pattern = (fs::temp_directory_path(code) / "spindle-up-XXXXXX").string();
    if (code || mkdtemp(pattern.data()) == nullptr) {
      return Error::from_errno(errno, "creating a temporary directory");
    }
    made.path_ = pattern;
    made.is_ours_ = true;
    return made;
  }
  WorkingDirectory(WorkingDirectory&& other) noexcept
      : path_(std::move(other.path_)), is_ours_(std::exchange(other.is_ours_, false)) {}
  WorkingDirectory& operator=(WorkingDirectory&&) = delete;
  ~WorkingDirectory() {
    std::error_code ignored;
    if (is_ours_) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  WorkingDirectory() = default;
  fs::path path_;
  bool is_ours_ = false;
};

Result<app::LockedApp> load(const UpOptions& options, const fs::path& source,
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

void report(const std::string& text) {
  fmt::print(stderr, "{} {}\n", emphasize("error:", Emphasis::Bad, STDERR_FILENO), text);
}

class PrintedNews final : public runtime::CandidateNews {
 public:
  void replaced(const std::string& component) override {
    fmt::print(stderr, "Replaced component `{}`\n", component);
  }
  void kept(const std::string& component, const Error& reason) override {
    report(fmt::format("keeping component `{}` as it was: {}", component, reason.to_string()));
  }
};

// Null: connections are not encrypted.
Result<std::unique_ptr<TlsFiles>> open_tls(const UpOptions& options) {
  if (!options.tls_certificate) return std::unique_ptr<TlsFiles>();
  return TlsFiles::open(*options.tls_certificate, *options.tls_key);
}

void reload_tls(TlsFiles& files) {
  if (auto reloaded = files.reload()) {
    fmt::print(stderr, "Replaced the TLS certificate\n");
  } else {
    report(fmt::format("keeping the TLS certificate as it was: {}", reloaded.error().to_string()));
  }
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

Result<void> serve_application(const UpOptions& options, runtime::Application& application) {
  unsigned threads = options.threads.value_or(std::max(1u, std::thread::hardware_concurrency()));
  std::unique_ptr<trigger::RedisService> redis;
  if (has_triggers(application, "redis")) redis = TRY(make_redis_service(options, application));
  std::unique_ptr<trigger::HttpService> http;
  if (redis == nullptr || has_triggers(application, "http")) {
    http =
        TRY(make_http_service(options, application, threads, redis ? redis->instances_max() : 0));
    for (const auto& warning : http->routes().warnings) print_warning(warning);
  }
  ServeOptions serving;
  serving.listen = options.listen;
  serving.ports = options.find_free_port ? kPortsTried : 1;
  serving.threads = threads;
  serving.report = report;
  if (options.connections) serving.limits.connections = *options.connections;
  if (options.head_bytes) serving.limits.head_bytes = *options.head_bytes;
  PrintedNews news;
  auto tls = TRY(open_tls(options));
  if (tls) {
    serving.tls = tls->slot();
    serving.poll = [&] {
      if (tls->have_changed()) reload_tls(*tls);
    };
  }
  if (application.has_candidates() || tls) {
    serving.reload = [&] {
      if (tls) reload_tls(*tls);
      if (application.has_candidates()) application.reload_candidates(news);
    };
  }
  const Served served{.application = application, .http = http.get(), .redis = redis.get()};
  return serve(served, serving, [&](const std::string& address) {
    const auto base_url = fmt::format("{}://{}", tls ? "https" : "http", address);
    if (http) fmt::print("{}", startup_text(*http, base_url, options.format));
    // JSON is one document.
    if (redis && options.format == StartupFormat::Plain) fmt::print("{}", channels_text(*redis));
    std::fflush(stdout);
  });
}

// Clients and log readers that leave must not end the process; many connections need descriptors.
void prepare_process() {
  signal(SIGPIPE, SIG_IGN);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

void warn_of_other_profile(const fs::path& source, const std::optional<std::string>& profile) {
  auto manifest = app::find_manifest(source);
  if (!manifest || manifest.value().extension() == ".wasm") return;
  auto warning = develop::other_profile_warning(manifest.value(), profile.value_or(""));
  if (warning) print_warning(*warning);
}

}  // namespace

Result<void> run_up(const UpOptions& options) {
  prepare_process();
  auto source = options.source ? *options.source : TRY(discover_manifest());
  if (options.build && source.extension() != ".wasm") {
    TRY(build_application(source, options.profile));
  }
  warn_of_other_profile(source, options.profile);
  auto config = TRY(read_config(options.runtime_config));
  auto working = TRY(WorkingDirectory::create(options.temporary_directory));
  auto locked = TRY(load(options, source, working));
  for (const auto& warning : locked.warnings) print_warning(warning);
  TRY(check_follow(options, locked));

  auto directories = choose_directories(options, config, source);
  auto made = application_options(options, directories);
  if (!options.instance_memory_bytes && config.max_instance_memory) {
    made.limits.memory_bytes = *config.max_instance_memory;
  }
  app::ProcessEnvironment environment;
  config.outbound.http2_authority =
      environment.get("SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE").value_or("");
  app::DiskFiles files;
  auto given = TRY(app::StaticProvider::from_arguments(options.variables, files));
  made.providers = TRY(app::make_variable_providers(
      std::move(given), config, environment, files, [](app::VaultVariables settings) {
        return std::make_unique<host::VaultProvider>(std::move(settings));
      }));
  made.config = std::move(config);
  TRY(prepare_logs(directories.logs));

  CompileProgress progress;
  auto application =
      TRY(runtime::Application::create(std::move(locked), std::move(made), progress));
  TRY(execute_sql(*application, options.sql));
  TRY(store_key_values(*application, options.key_values));
  for (const auto& line : default_storage_lines(*application)) fmt::print(stderr, "{}\n", line);
  return serve_application(options, *application);
}

}  // namespace spindle::cli
