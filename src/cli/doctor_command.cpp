#include "cli/doctor_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/json.h"
#include "app/loader.h"
#include "cli/find_application.h"
#include "cli/prepared_app.h"
#include "cli/terminal.h"
#include "develop/checkup.h"
#include "io/tcp.h"
#include "trial/compare.h"
#include "trigger/http/http_trigger.h"
#include "trigger/redis/redis_service.h"

namespace spindle::cli {
namespace {

namespace fs = std::filesystem;
using develop::Finding;

class Doctor {
 public:
  Doctor(const DoctorOptions& options, fs::path manifest)
      : options_(options), manifest_(std::move(manifest)) {}

  Result<std::vector<Finding>> examine() {
    add(develop::check_manifest(manifest_));
    auto built = TRY(develop::read_build_manifest(manifest_, options_.profile.value_or("")));
    for (const auto& component : built.components) {
      add(develop::check_component(built, component));
    }
    const bool is_sound = std::ranges::none_of(
        findings_, [](const Finding& finding) { return finding.kind == Finding::Kind::Problem; });
    // What would only say again what is known is not tried.
    if (is_sound) TRY(check_application());
    check_port();
    return std::move(findings_);
  }

 private:
  void add(std::vector<Finding> findings) {
    std::ranges::move(findings, std::back_inserter(findings_));
  }
  void add(Finding::Kind kind, std::string text, std::string help) {
    findings_.push_back({kind, "", std::move(text), std::move(help)});
  }

  // As `up` does, up to where it would listen.
  Result<void> check_application() {
    auto working = TRY(WorkingDirectory::temporary("doctor"));
    UpOptions up;
    up.profile = options_.profile;
    auto locked = load_application(up, manifest_, working);
    if (!locked) {
      add(Finding::Kind::Problem, locked.error().to_string(), "");
      return {};
    }
    for (const auto& warning : locked->warnings) add(Finding::Kind::Warning, warning, "");
    for (const auto& variable : locked->variables) note_variable(variable);
    auto made = prepare(locked.take_value());
    if (made) {
      add(Finding::Kind::Good, "all components can be run here", "");
    } else {
      add(Finding::Kind::Problem, made.error().to_string(), "");
    }
    return {};
  }

  void note_variable(const app::LockedVariable& variable) {
    if (variable.default_value) return;
    add(Finding::Kind::Note, fmt::format("the variable `{}` is required", variable.name),
        fmt::format("spindle up --variable {}=VALUE", variable.name));
  }

  // With a text for each variable that is required, since only their being there matters.
  Result<void> prepare(app::LockedApp locked) {
    app::StaticProvider::Values values;
    for (const auto& variable : locked.variables) {
      if (!variable.default_value) values[variable.name] = "0";
    }
    runtime::ApplicationOptions options;
    options.providers.push_back(std::make_unique<app::StaticProvider>(std::move(values)));
    CompileProgress progress;
    auto application =
        TRY(runtime::Application::create(std::move(locked), std::move(options), progress));
    auto has = [&](std::string_view type) {
      return std::ranges::any_of(application->locked().triggers,
                                 [type](const auto& trigger) { return trigger.type == type; });
    };
    if (has("redis")) TRY(trigger::RedisService::create(*application, {}));
    if (has("redis") && !has("http")) return {};
    auto service = TRY(trigger::HttpService::create(*application, {}));
    for (const auto& warning : service->routes().warnings) {
      add(Finding::Kind::Warning, warning, "");
    }
    return {};
  }

  void check_port() {
    io::EventLoop loop;
    auto endpoint = io::resolve_endpoint(options_.listen);
    auto free = endpoint ? io::find_free_endpoint(loop, *endpoint)
                         : Result<io::Endpoint>(endpoint.take_error());
    if (free) {
      add(Finding::Kind::Good, fmt::format("{} is free to listen on", options_.listen), "");
      return;
    }
    add(Finding::Kind::Warning,
        fmt::format("listening on {}: {}", options_.listen, free.error().message()),
        "spindle up --find-free-port, or --listen 127.0.0.1:PORT");
  }

  const DoctorOptions& options_;
  const fs::path manifest_;
  std::vector<Finding> findings_;
};

std::string_view name_of(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::Good: return "good";
    case Finding::Kind::Note: return "note";
    case Finding::Kind::Warning: return "warning";
    case Finding::Kind::Problem: return "problem";
  }
  return "";
}

std::string marked(Finding::Kind kind) {
  const auto name = fmt::format("{:<7}", name_of(kind));
  switch (kind) {
    case Finding::Kind::Good: return emphasize(name, Emphasis::Good, STDOUT_FILENO);
    case Finding::Kind::Warning: return emphasize(name, Emphasis::Caution, STDOUT_FILENO);
    case Finding::Kind::Problem: return emphasize(name, Emphasis::Bad, STDOUT_FILENO);
    case Finding::Kind::Note: break;
  }
  return name;
}

size_t count(const std::vector<Finding>& findings, Finding::Kind kind) {
  return static_cast<size_t>(std::ranges::count(findings, kind, &Finding::kind));
}

void print_plainly(const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    const auto whose =
        finding.component.empty() ? "" : fmt::format("component `{}`: ", finding.component);
    fmt::print("{}  {}{}\n", marked(finding.kind), whose, trial::indent(finding.text, 9));
    if (!finding.help.empty()) fmt::print("         help: {}\n", finding.help);
  }
  const auto problems = count(findings, Finding::Kind::Problem);
  const auto warnings = count(findings, Finding::Kind::Warning);
  fmt::print("{} problem{}, {} warning{}\n", problems, problems == 1 ? "" : "s", warnings,
             warnings == 1 ? "" : "s");
}

void print_json(const std::vector<Finding>& findings) {
  app::Array items;
  for (const auto& finding : findings) {
    app::Table item;
    item.append("kind", app::Value(std::string(name_of(finding.kind))));
    if (!finding.component.empty()) item.append("component", app::Value(finding.component));
    item.append("text", app::Value(finding.text));
    if (!finding.help.empty()) item.append("help", app::Value(finding.help));
    items.emplace_back(std::move(item));
  }
  app::Table document;
  document.append("problems",
                  app::Value(static_cast<int64_t>(count(findings, Finding::Kind::Problem))));
  document.append("findings", app::Value(std::move(items)));
  fmt::print("{}\n", app::to_json(app::Value(std::move(document)), app::JsonStyle::Pretty));
}

}  // namespace

CLI::App* add_doctor_command(CLI::App& app, DoctorOptions& options) {
  auto* doctor = app.add_subcommand("doctor", "find what keeps an application from running");
  doctor->add_option("-f,--from,--file", options.source,
                     "manifest, or a directory with a spin.toml (default: the one here or above)");
  doctor->add_option("--profile", options.profile, "build profile of the components");
  doctor->add_option("--listen", options.listen, "the address that `up` would listen on")
      ->capture_default_str();
  doctor->add_flag("--strict", options.strict, "end with 1 if there is a problem");
  doctor
      ->add_option_function<std::string>(
          "--format", [&options](const std::string& format) { options.json = format == "json"; },
          "how findings are printed (default: plain)")
      ->check(CLI::IsMember({"plain", "json"}));
  doctor->footer(
      "Looks at the manifest, the programs that building needs, what has been built and how old "
      "it is,\n"
      "what the components import, and the port. Changes nothing: each finding has a command that "
      "helps.\n\n"
      "Examples:\n  spindle doctor\n  spindle doctor -f shop --format json --strict\n");
  return doctor;
}

Result<int> run_doctor_command(const DoctorOptions& options) {
  const auto source = options.source ? *options.source : TRY(discover_manifest());
  auto manifest = TRY(app::find_manifest(source));
  const auto findings = TRY(Doctor(options, manifest).examine());
  if (options.json) {
    print_json(findings);
  } else {
    print_plainly(findings);
  }
  return options.strict && count(findings, Finding::Kind::Problem) > 0 ? 1 : 0;
}

}  // namespace spindle::cli
