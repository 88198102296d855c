#include "cli/develop_flags.h"

#include <CLI/CLI.hpp>

namespace spindle::cli {
namespace {

// What `build` and `watch` work on.
template <typename Options>
void add_source_flags(CLI::App& command, Options& options) {
  command.add_option("-f,--from,--file", options.source,
                     "manifest, or a directory with a spin.toml (default: the one here or above)");
  command.add_option("--profile", options.profile, "build profile of the components");
}

}  // namespace

CLI::App* add_build_command(CLI::App& app, DevelopFlags& flags) {
  auto& options = flags.build;
  auto* build = app.add_subcommand("build", "build the components of an application");
  build->alias("b");
  add_source_flags(*build, options);
  build->add_option("-c,--component-id", options.component_ids, "build only this one (repeat)")
      ->allow_extra_args(false);
  build->add_flag("-u,--up", flags.up, "then serve the application; what follows goes to `up`");
  build->add_flag("--skip-target-checks,--skip-target-check", options.skip_target_checks,
                  "say nothing of target environments, which are not checked");
  build->add_flag("--skip-generate-wits,--skip-generate-wit", options.skip_generate_wits,
                  "say nothing of WIT of dependencies, which is not generated");
  build->footer(
      "Runs each component's command ([component.NAME.build] command) with `sh -c` in its "
      "workdir,\n"
      "several at a time. A component that another depends on builds first.\n\n"
      "Examples:\n  spindle build\n  spindle build -c cart --profile debug\n"
      "  spindle build --up --listen 127.0.0.1:8080\n");
  return build;
}

CLI::App* add_watch_command(CLI::App& app, DevelopFlags& flags) {
  auto& options = flags.watch;
  auto* watch = app.add_subcommand("watch", "build and serve, again whenever something changes");
  watch->alias("w");
  add_source_flags(*watch, options);
  watch->add_flag("-c,--clear", options.clear, "clear the screen before each build");
  watch->add_flag("-q,--quiet", options.quiet, "print no output of components");
  watch->add_option("-d,--debounce", flags.debounce_ms, "milliseconds to wait for further changes")
      ->check(CLI::Range(uint64_t{0}, uint64_t{60'000}))
      ->capture_default_str();
  watch->add_flag("--skip-build", options.skip_build, "build nothing, look at what is served only");
  watch->footer(
      "Sources are what `watch` of [component.NAME.build] names; only components whose sources "
      "have\n"
      "other content are built. The new application takes the place of the old between two "
      "requests.\n"
      "What follows goes to `up`.\n\n"
      "Examples:\n  spindle watch\n  spindle watch --clear --listen 127.0.0.1:8080\n");
  return watch;
}

std::vector<std::string> take_rest(const CLI::App& command, std::vector<std::string>& arguments) {
  size_t index = 0;
  while (index < arguments.size()) {
    const auto& argument = arguments[index];
    auto name = argument.substr(0, argument.find('='));
    const bool is_short = name.size() > 1 && name[0] == '-' && name[1] != '-';
    const bool has_value = is_short ? argument.size() > 2 : name.size() != argument.size();
    if (is_short) name.resize(2);
    const auto* option = name.starts_with('-') ? command.get_option_no_throw(name) : nullptr;
    if (option == nullptr) break;
    const bool wants_value = option->get_items_expected_max() > 0;
    index += wants_value && !has_value ? 2 : 1;
  }
  index = std::min(index, arguments.size());
  const auto at = arguments.begin() + static_cast<ptrdiff_t>(index);
  std::vector<std::string> rest(at, arguments.end());
  arguments.erase(at, arguments.end());
  if (!rest.empty() && rest.front() == "--") rest.erase(rest.begin());
  return rest;
}

}  // namespace spindle::cli
