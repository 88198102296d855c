#include "cli/template_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace spindle::cli {
namespace {

void add_common_flags(CLI::App& command, NewOptions& options, TemplateFlags& flags) {
  command.add_option("NAME", flags.name, "what it is called")->type_name("");
  command.add_option("NAME_AFTER_TEMPLATE", flags.second)->group("");
  auto* id = command.add_option("-t,--template", options.template_id,
                                "which template (default: a choice of those there are)");
  command.add_option("--tag", options.tags, "choose among templates with this tag (repeat)")
      ->excludes(id);
  auto* output = command.add_option("-o,--output", options.output, "where the files go");
  command.add_flag("--init", options.init, "put the files into this directory")->excludes(output);
  command.add_option("-v,--value", options.values, "NAME=VALUE of a parameter (repeat)")
      ->allow_extra_args(false);
  command.add_option("--values-file", options.values_file, "values of parameters (TOML)");
  command.add_flag("-a,--accept-defaults", options.accept_defaults,
                   "do not ask for parameters that have a default");
  command.add_flag("--no-vcs", options.no_vcs, "leave out .gitignore");
  command.add_flag("--allow-overwrite,--allow-overwrites", options.allow_overwrite,
                   "write into a directory that is not empty");
}

void add_new_command(CLI::App& app, TemplateFlags& flags) {
  auto* command = app.add_subcommand("new", "make an application from a template");
  command->alias("n");
  add_common_flags(*command, flags.create, flags);
  command->add_option("-E,--target-environment", flags.environment)
      ->envname("SPIN_NEW_DEFAULT_ENVIRONMENT")
      ->group("");
  command->footer(
      "Parameters that are not given are asked for in a terminal.\n\n"
      "Examples:\n  spindle new hello -t http-js\n  spindle new -t http-rust --accept-defaults "
      "shop\n"
      "  spindle new old -t redirect -v redirect-from=/a -v redirect-to=/b\n"
      "  spindle templates list\n");
}

void add_add_command(CLI::App& app, TemplateFlags& flags) {
  auto* command = app.add_subcommand("add", "add a component to an application");
  command->alias("a");
  add_common_flags(*command, flags.add, flags);
  command->add_option("-f,--file", flags.add.manifest, "the application's manifest")
      ->capture_default_str();
  command->footer(
      "The component goes into a directory beside the manifest, which gets its trigger and "
      "table.\n\n"
      "Examples:\n  spindle add cart -t http-js --accept-defaults\n"
      "  spindle add old -t redirect -v redirect-from=/a -v redirect-to=/b\n");
}

void add_templates_command(CLI::App& app, TemplateFlags& flags) {
  auto* templates = app.add_subcommand("templates", "list and install templates");
  templates->alias("template");
  templates->require_subcommand(1);
  auto* list = templates->add_subcommand("list", "show the templates there are");
  list->add_option("--tag", flags.list.tags, "only those with this tag (repeat)");
  list->add_flag("--verbose", flags.list.verbose, "with tags, and where each is from");
  list->add_option("--format", flags.format)->check(CLI::IsMember({"table", "json"}))->group("");
  auto* install = templates->add_subcommand("install", "install the templates of a repository");
  auto* git = install->add_option("--git", flags.install.git, "a git repository (URL)");
  install->add_option("--branch", flags.install.branch, "its branch or tag")->needs(git);
  auto* directory =
      install->add_option("--dir", flags.install.directory, "a directory")->excludes(git);
  install->add_option("--tar", flags.install.archive, "an archive: a URL or a file")
      ->excludes(git)
      ->excludes(directory);
  install->add_flag("--upgrade,--update", flags.install.upgrade,
                    "replace those that are installed");
  install->footer(
      "Each directory below `templates` with a metadata/spin-template.toml is a template.\n\n"
      "Examples:\n  spindle templates install --git "
      "https://github.com/spinframework/spin-python-sdk\n"
      "  spindle templates install --dir .\n");
  auto* upgrade =
      templates->add_subcommand("upgrade", "install templates again from where they are");
  auto* repository =
      upgrade->add_option("--repo", flags.upgrade.git, "only those of this repository");
  upgrade->add_option("--branch", flags.upgrade.branch, "its branch or tag")->needs(repository);
  upgrade->add_flag("--all", flags.all, "those of all repositories (as without --repo)");
  auto* uninstall = templates->add_subcommand("uninstall", "remove a template");
  uninstall->add_option("ID", flags.uninstall.id, "which one")->required()->type_name("");
}

Result<std::optional<TemplateCommand>> finish_new(NewOptions& options, TemplateFlags& flags) {
  if (!flags.environment.empty()) {
    return Error::not_supported(
        "--target-environment is not supported yet: choose a template with -t");
  }
  // The older order: TEMPLATE NAME.
  options.name = flags.name;
  if (flags.second) {
    if (options.template_id) {
      return std::optional<TemplateCommand>(
          fmt::format("error: unexpected argument `{}`\n", *flags.second));
    }
    options.template_id = std::exchange(options.name, flags.second);
  }
  return std::optional<TemplateCommand>(std::move(options));
}

}  // namespace

void add_template_commands(CLI::App& app, TemplateFlags& flags) {
  add_new_command(app, flags);
  add_add_command(app, flags);
  add_templates_command(app, flags);
}

Result<std::optional<TemplateCommand>> finish_template_command(const CLI::App& app,
                                                               TemplateFlags& flags) {
  if (app.got_subcommand("new")) return finish_new(flags.create, flags);
  flags.add.action = NewOptions::Action::Component;
  if (app.got_subcommand("add")) return finish_new(flags.add, flags);
  if (!app.got_subcommand("templates")) return std::optional<TemplateCommand>();
  const auto& templates = *app.get_subcommand("templates");
  using Verb = TemplatesOptions::Verb;
  TemplatesOptions* chosen = &flags.list;
  if (templates.got_subcommand("install")) chosen = &flags.install;
  if (templates.got_subcommand("upgrade")) chosen = &flags.upgrade;
  if (templates.got_subcommand("uninstall")) chosen = &flags.uninstall;
  flags.list.json = flags.format == "json";
  flags.install.verb = Verb::Install;
  flags.upgrade.verb = Verb::Upgrade;
  flags.uninstall.verb = Verb::Uninstall;
  const auto& install = flags.install;
  if (chosen == &install && !install.git && !install.directory && !install.archive) {
    return std::optional<TemplateCommand>("error: say where from: --git, --dir or --tar\n");
  }
  return std::optional<TemplateCommand>(std::move(*chosen));
}

}  // namespace spindle::cli
