#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/completions.h"
#include "cli/component_flags.h"
#include "cli/develop_flags.h"
#include "cli/template_flags.h"
#include "cli/version.h"

namespace spindle::cli {
namespace {

// A flag of Spin that is not built yet, and what to do instead.
struct Unsupported {
  const char* flag;
  const char* advice;
};

constexpr Unsupported kUnsupportedFlags[] = {
    {"--from-registry", "registries are not supported yet; use a local manifest"},
    {"--insecure", "registries are not supported yet"},
    {"--cache-dir", "registries are not supported yet"},
    {"--experimental-wasi-otel", "wasi:otel is not supported yet"},
};

struct UpFlags {
  UpOptions options;
  std::string positional;
  std::string from;
  std::string cpu_time;
  std::string response_time;
  std::string request_timeout;
  std::string instance_mode;
  std::string max_uses;
  std::string max_concurrent;
  std::string idle;
  std::string format = "plain";
  std::map<std::string, std::string> unsupported;
  std::vector<std::string> ignored;
};

template <typename T>
std::string problem_of(const Result<T>& parsed) {
  return parsed ? std::string() : parsed.error().message();
}

std::string duration_problem(const std::string& text) {
  return problem_of(app::parse_duration(text));
}

std::string duration_range_problem(const std::string& text) {
  return problem_of(app::parse_duration_range(text));
}

std::string count_range_problem(const std::string& text) {
  return problem_of(app::parse_count_range(text));
}

void add_source_flags(CLI::App& up, UpFlags& flags) {
  auto& options = flags.options;
  up.add_option("APP", flags.positional, "manifest, directory or .wasm file (default: spin.toml)");
  up.add_option("-f,--from,--file,--from-file", flags.from, "the same as APP");
  up.add_option("--profile", options.profile, "build profile of the components");
  up.add_flag("--build", options.build, "build the components first, as `spindle build` does")
      ->envname("SPIN_ALWAYS_BUILD");
  up.add_option("-c,--component-id", options.component_ids, "run only this component (repeat)");
  up.add_option("-e,--env", options.environment, "K=V for every component's environment (repeat)");
  up.add_option("--variable", options.variables,
                "application variable: K=V, K=@file, @file.json or @file.toml (repeat)");
  up.add_option("--key-value", options.key_values,
                "K=V put into the store `default` before start (repeat)");
  up.add_option("--sqlite", options.sql,
                "SQL, @file or @file:label run on a database before start (repeat)");
  up.add_option("--runtime-config-file", options.runtime_config, "runtime configuration (TOML)")
      ->envname("RUNTIME_CONFIG_FILE");
  up.add_option("--state-dir", options.state_directory,
                "where stores and logs live (default: .spin beside the manifest; '' for nowhere)");
  up.add_option("--temp,--tmp", options.temporary_directory, "working directory for copied files");
  up.add_flag("--direct-mounts", options.direct_mounts, "mount `files` in place, without a copy");
  up.add_flag("--allow-transient-write", options.allow_transient_write,
              "let components write to their copy of `files`");
}

void add_http_flags(CLI::App& up, UpFlags& flags) {
  auto& options = flags.options;
  up.add_option("--listen", options.listen, "address to listen on; port 0 takes a free one")
      ->envname("SPIN_HTTP_LISTEN_ADDR")
      ->capture_default_str();
  up.add_flag("--find-free-port", options.find_free_port,
              "try the next ports when the port is in use");
  up.add_option("--format", flags.format, "start-up output")
      ->check(CLI::IsMember({"plain", "json"}))
      ->capture_default_str();
  up.add_option("--tls-cert", options.tls_certificate,
                "certificate chain (PEM) to serve https with; read again when it changes")
      ->envname("SPIN_TLS_CERT");
  up.add_option("--tls-key", options.tls_key, "private key (PEM) of the certificate")
      ->envname("SPIN_TLS_KEY");
  up.add_option("--threads", options.threads, "event loops (default: one a core)")
      ->check(CLI::Range(1u, 1024u));
  up.add_option("--max-connections", options.connections, "open connections, then 503")
      ->check(CLI::PositiveNumber);
  up.add_option("--max-concurrent-requests", options.concurrent_requests,
                "requests in guests at a time, then a short queue, then 503")
      ->check(CLI::PositiveNumber);
  up.add_option("--http1-max-buf-size", options.head_bytes, "largest request head in bytes")
      ->envname("SPIN_HTTP1_MAX_BUF_SIZE")
      ->check(CLI::Range(size_t{8192}, size_t{1} << 24));
}

void add_output_flags(CLI::App& up, UpFlags& flags) {
  auto& options = flags.options;
  auto* quiet =
      up.add_flag("-q,--quiet,--sh,--shush", options.quiet, "print no output of components");
  up.add_option("--follow", options.follow, "print only this component's output (repeat)")
      ->excludes(quiet);
  up.add_option("-L,--log-dir", options.log_directory,
                "where components' output is kept ('' for nowhere)")
      ->envname("SPIN_LOG_DIR");
  up.add_flag("--truncate-logs", options.truncate_logs, "empty existing log files first");
}

void add_limit_flags(CLI::App& up, UpFlags& flags) {
  auto& options = flags.options;
  up.add_option("--max-instance-memory", options.instance_memory_bytes,
                "memory of one instance in bytes (default: 512 MiB)")
      ->envname("SPIN_MAX_INSTANCE_MEMORY")
      ->check(CLI::PositiveNumber);
  up.add_option("--cpu-time", flags.cpu_time, "CPU time of one request (default: 10s)")
      ->check(duration_problem);
  up.add_option("--response-time", flags.response_time,
                "time until a component must have begun its response (default: 25s)")
      ->check(duration_problem);
  up.add_flag("--disable-cache", options.disable_cache, "compile without the on-disk cache")
      ->envname("DISABLE_WASMTIME_CACHE");
  up.add_flag("--disable-pooling", options.disable_pooling, "allocate instances on demand");
  up.add_flag("--no-fuse", options.disable_fusing,
              "instantiate core modules one by one, for diagnosis");
}

void add_instance_flags(CLI::App& up, UpFlags& flags) {
  up.add_option("--instances", flags.instance_mode,
                "one a request (fresh), or reused for one request at a time (serial) or several "
                "(concurrent); default: what the component's kind and manifest say")
      ->check(CLI::IsMember({"fresh", "serial", "concurrent"}));
  up.add_option("--max-instance-reuse-count", flags.max_uses,
                "requests in a reused instance, N or A..B (default: 128)")
      ->check(count_range_problem);
  up.add_option("--max-instance-concurrent-reuse-count", flags.max_concurrent,
                "requests at once in a concurrent instance, N or A..B (default: 16)")
      ->check(count_range_problem);
  up.add_option("--idle-instance-timeout", flags.idle,
                "how long a reused instance waits for a request, T or A..B (default: 1s)")
      ->check(duration_range_problem);
  up.add_option("--request-timeout", flags.request_timeout,
                "time of a whole request of a WASI 0.3 component, T or A..B (default: none)")
      ->check(duration_range_problem);
}

// Accepted for Spin's sake: they say nothing about what runs here.
void add_ignored_flags(CLI::App& up, UpFlags& flags) {
  up.add_option("--cache", flags.ignored)->group("");
  for (const auto& [name, advice] : kUnsupportedFlags) {
    up.add_option(name, flags.unsupported[name])->group("")->expected(0, 1);
  }
}

Result<void> refuse_unsupported(const CLI::App& up) {
  for (const auto& [name, advice] : kUnsupportedFlags) {
    if (up.count(name) == 0) continue;
    return Error::not_supported(fmt::format("{} is not supported yet: {}", name, advice));
  }
  return {};
}

Result<CommandLine> finish_up(UpFlags& flags) {
  auto& options = flags.options;
  if (!flags.positional.empty() && !flags.from.empty()) {
    return ShowText{"error: give the application once, as APP or with --from\n", 2};
  }
  if (options.tls_certificate.has_value() != options.tls_key.has_value()) {
    return ShowText{"error: --tls-cert and --tls-key go together (SPIN_TLS_CERT, SPIN_TLS_KEY)\n",
                    2};
  }
  const auto& source = flags.from.empty() ? flags.positional : flags.from;
  if (!source.empty()) options.source = source;
  options.format = flags.format == "json" ? StartupFormat::Json : StartupFormat::Plain;
  if (!flags.cpu_time.empty()) options.cpu_time = TRY(app::parse_duration(flags.cpu_time));
  if (!flags.response_time.empty()) {
    options.response_time = TRY(app::parse_duration(flags.response_time));
  }
  if (!flags.request_timeout.empty()) {
    options.request_timeout = TRY(app::parse_duration_range(flags.request_timeout));
  }
  if (!flags.instance_mode.empty()) {
    options.reuse.mode = app::instance_mode_from_string(flags.instance_mode);
  }
  if (!flags.max_uses.empty()) options.reuse.max_uses = TRY(app::parse_count_range(flags.max_uses));
  if (!flags.max_concurrent.empty()) {
    options.reuse.max_concurrent = TRY(app::parse_count_range(flags.max_concurrent));
  }
  if (!flags.idle.empty()) options.reuse.idle = TRY(app::parse_duration_range(flags.idle));
  return std::move(options);
}

// The help of the innermost command that was named.
std::string render_help(const CLI::App& app) {
  const CLI::App* named = &app;
  std::string path;
  while (!named->get_subcommands().empty()) {
    path += (path.empty() ? "" : " ") + named->get_name();
    named = named->get_subcommands().front();
  }
  return named->help(path);
}

Result<CommandLine> finish_component_command(const CLI::App& command, ComponentFlags& flags) {
  auto options = TRY(finish_component(command, flags));
  if (!options) return ShowText{command.help("spindle"), 2};
  return std::move(*options);
}

// What follows `watch` and `build --up` are arguments of `up`, read before anything is built: into
// `up`, or the text to show instead.
Result<std::optional<CommandLine>> parse_rest(std::vector<std::string> rest,
                                              std::shared_ptr<UpOptions>& up) {
  rest.insert(rest.begin(), "up");
  auto parsed = TRY(parse_command_line(rest));
  auto* options = std::get_if<UpOptions>(&parsed);
  if (options == nullptr) return std::optional(std::move(parsed));
  if (options->source || options->profile) {
    return std::optional<CommandLine>(
        ShowText{"error: give --from and --profile before arguments of `up`\n", 2});
  }
  up = std::make_shared<UpOptions>(std::move(*options));
  return std::optional<CommandLine>();
}

Result<CommandLine> finish_build(DevelopFlags& flags) {
  if (!flags.up && !flags.rest.empty()) {
    return ShowText{fmt::format("error: unexpected argument `{}`; arguments of `up` follow --up\n",
                                flags.rest.front()),
                    2};
  }
  if (!flags.up) return std::move(flags.build);
  auto instead = TRY(parse_rest(std::move(flags.rest), flags.build.up));
  if (instead) return std::move(*instead);
  return std::move(flags.build);
}

Result<CommandLine> finish_watch(DevelopFlags& flags) {
  auto instead = TRY(parse_rest(std::move(flags.rest), flags.watch.up));
  if (instead) return std::move(*instead);
  flags.watch.debounce = std::chrono::milliseconds(flags.debounce_ms);
  return std::move(flags.watch);
}

CLI::App* add_up_command(CLI::App& app, UpFlags& flags) {
  auto* up = app.add_subcommand("up", "serve an application");
  up->alias("u");
  up->footer(
      "Examples:\n  spindle up\n  spindle up shop/spin.toml --listen 127.0.0.1:0\n"
      "  spindle up hello.wasm\n");
  add_source_flags(*up, flags);
  add_http_flags(*up, flags);
  add_output_flags(*up, flags);
  add_limit_flags(*up, flags);
  add_instance_flags(*up, flags);
  add_ignored_flags(*up, flags);
  return up;
}

CommandLine from_template_command(TemplateCommand command) {
  if (auto* problem = std::get_if<std::string>(&command)) return ShowText{std::move(*problem), 2};
  if (auto* create = std::get_if<NewOptions>(&command)) return std::move(*create);
  return std::move(std::get<TemplatesOptions>(command));
}

constexpr const char* kFirstSteps =
    "First steps:\n"
    "  spindle new hello -t http-js    make an application in ./hello\n"
    "  cd hello && spindle build       build its components\n"
    "  spindle up                      serve it at http://127.0.0.1:3000\n"
    "  spindle watch                   serve it, and build again whenever something changes\n"
    "  spindle test                    run its tests, tests/*.toml\n\n"
    "`spindle COMMAND --help` has the flags of a command and examples. When something does not "
    "run,\n`spindle doctor` says why.\n";

// All commands with their flags; where parsing leaves what was given.
class Commands {
 public:
  Commands() {
    app_.set_version_flag("-V,--version", std::string(version_text()));
    app_.require_subcommand(0, 1);
    app_.footer(kFirstSteps);
    add_template_commands(app_, template_flags_);
    build_ = add_build_command(app_, develop_flags_);
    up_ = add_up_command(app_, up_flags_);
    watch_ = add_watch_command(app_, develop_flags_);
    test_ = add_test_command(app_, test_options_);
    doctor_ = add_doctor_command(app_, doctor_options_);
    component_ = add_component_command(app_, component_flags_);
    bindgen_ = add_bindgen_command(app_, bindgen_options_);
    completions_ = add_completions_command(app_, shell_);
    for (const char* name : {"new", "add", "templates"}) group(name, "Make an application");
    for (const char* name : {"build", "up", "watch", "test", "doctor"}) group(name, "Run it");
    for (const char* name : {"component", "bindgen"}) group(name, "Work with components");
    group("completions", "Settle in");
  }

  Result<CommandLine> parse(std::vector<std::string> arguments) {
    const bool is_empty = arguments.empty();
    try {
      const bool is_watch = !is_empty && watch_->check_name(arguments.front());
      if (is_watch || (!is_empty && build_->check_name(arguments.front()))) {
        std::vector<std::string> given(arguments.begin() + 1, arguments.end());
        develop_flags_.rest = take_rest(is_watch ? *watch_ : *build_, given);
        arguments.resize(1);
        arguments.insert(arguments.end(), given.begin(), given.end());
      }
      std::ranges::reverse(arguments);
      app_.parse(arguments);
    } catch (const CLI::CallForHelp&) {
      return ShowText{render_help(app_), 0};
    } catch (const CLI::CallForVersion&) {
      return ShowText{fmt::format("{}\n", version_text()), 0};
    } catch (const CLI::ParseError& error) {
      return ShowText{
          fmt::format("error: {}\n\nFor more information, try '--help'.\n", error.what()), 2};
    }
    return finish(is_empty);
  }

 private:
  void group(const char* name, const char* title) { app_.get_subcommand(name)->group(title); }

  Result<CommandLine> finish(bool is_empty) {
    if (component_->parsed()) return finish_component_command(*component_, component_flags_);
    if (build_->parsed()) return finish_build(develop_flags_);
    if (watch_->parsed()) return finish_watch(develop_flags_);
    if (test_->parsed()) return std::move(test_options_);
    if (doctor_->parsed()) return std::move(doctor_options_);
    if (completions_->parsed()) {
      return ShowText{completion_script(app_, shell_from_string(shell_)), 0};
    }
    if (bindgen_->parsed()) return std::move(bindgen_options_);
    if (auto command = TRY(finish_template_command(app_, template_flags_))) {
      return from_template_command(std::move(*command));
    }
    if (!up_->parsed()) return ShowText{app_.help(), is_empty ? 2 : 0};
    TRY(refuse_unsupported(*up_));
    return finish_up(up_flags_);
  }

  CLI::App app_{"Runs microservices made of WebAssembly components.", "spindle"};
  UpFlags up_flags_;
  ComponentFlags component_flags_;
  DevelopFlags develop_flags_;
  TemplateFlags template_flags_;
  TestOptions test_options_;
  DoctorOptions doctor_options_;
  std::string shell_;
  BindgenOptions bindgen_options_;
  CLI::App* up_ = nullptr;
  CLI::App* build_ = nullptr;
  CLI::App* watch_ = nullptr;
  CLI::App* test_ = nullptr;
  CLI::App* doctor_ = nullptr;
  CLI::App* completions_ = nullptr;
  CLI::App* component_ = nullptr;
  CLI::App* bindgen_ = nullptr;
};

}  // namespace

Result<CommandLine> parse_command_line(const std::vector<std::string>& arguments) {
  return Commands().parse(arguments);
}

}  // namespace spindle::cli
