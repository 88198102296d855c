#include "cli/up.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>

#include "app/loader.h"
#include "cli/build_command.h"
#include "cli/find_application.h"
#include "cli/prepared_app.h"
#include "cli/serve.h"
#include "cli/startup_text.h"
#include "cli/terminal.h"
#include "cli/tls_files.h"
#include "develop/build_manifest.h"

namespace spindle::cli {
namespace {

namespace fs = std::filesystem;

// How many ports --find-free-port tries.
constexpr unsigned kPortsTried = 10;

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

Result<void> serve_application(const UpOptions& options, const std::shared_ptr<PreparedApp>& app,
                               const WatchHooks* watch) {
  auto& application = app->application();
  ServeOptions serving;
  serving.listen = options.listen;
  serving.ports = options.find_free_port ? kPortsTried : 1;
  serving.threads = loop_count(options);
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
  if (watch != nullptr) {
    serving.replacing = watch->replacing;
    serving.stopping = watch->stopping;
  } else if (application.has_candidates() || tls) {
    serving.reload = [&] {
      if (tls) reload_tls(*tls);
      if (application.has_candidates()) application.reload_candidates(news);
    };
  }
  return serve(PreparedApp::served(app), serving, [&](const std::string& address) {
    const auto base_url = fmt::format("{}://{}", tls ? "https" : "http", address);
    if (app->http()) fmt::print("{}", startup_text(*app->http(), base_url, options.format));
    // JSON is one document.
    if (app->redis() && options.format == StartupFormat::Plain) {
      fmt::print("{}", channels_text(*app->redis()));
    }
    std::fflush(stdout);
  });
}

}  // namespace

// Clients and log readers that leave must not end the process; many connections need descriptors.
void prepare_process() {
  signal(SIGPIPE, SIG_IGN);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

namespace {

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
  auto app = TRY(PreparedApp::create(options, source, nullptr));
  return serve_application(options, app, nullptr);
}

Result<void> serve_watched(const UpOptions& options, const std::shared_ptr<PreparedApp>& app,
                           const WatchHooks& watch) {
  return serve_application(options, app, &watch);
}

}  // namespace spindle::cli
