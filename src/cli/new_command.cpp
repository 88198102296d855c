#include "cli/new_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "app/loader.h"
#include "app/system.h"
#include "app/toml.h"
#include "cli/prompt.h"
#include "cli/template_places.h"
#include "cli/terminal.h"
#include "scaffold/fetch.h"
#include "scaffold/instantiate.h"

namespace spindle::cli {
namespace {

namespace fs = std::filesystem;
using scaffold::Template;
using scaffold::TemplateParameter;

bool is_add(const NewOptions& options) {
  return options.action == NewOptions::Action::Component;
}

class TerminalQuestions final : public scaffold::Questions {
 public:
  Result<std::string> ask(const TemplateParameter& parameter) override {
    if (!is_interactive()) {
      return Error::not_found(fmt::format("parameter `{}` has no value: give it with -v {}=VALUE{}",
                                          parameter.name, parameter.name,
                                          parameter.default_value ? ", or -a for defaults" : ""));
    }
    auto question = fmt::format("{}:", parameter.prompt);
    if (!parameter.allowed_values.empty()) {
      question =
          fmt::format("{} ({}):", parameter.prompt, fmt::join(parameter.allowed_values, ", "));
    }
    if (parameter.default_value) question += fmt::format(" [{}]", *parameter.default_value);
    while (true) {
      auto answer = TRY(ask_line(question));
      if (answer.empty() && parameter.default_value) answer = *parameter.default_value;
      auto checked = scaffold::check_value(parameter, answer);
      if (checked) return answer;
      fmt::print(stderr, "{}\n", checked.error().message());
    }
  }
};

bool suits(const Template& definition, const NewOptions& options) {
  if (is_add(options) ? !definition.add_component : !definition.new_application) return false;
  return std::ranges::all_of(options.tags,
                             [&](const auto& tag) { return definition.has_tag(tag); });
}

Result<Template> choose_template(const NewOptions& options) {
  auto store = TRY(open_template_store());
  if (options.template_id) return store.find(*options.template_id);
  if (!is_interactive()) {
    return Error::invalid_input(
        "no template is given: name one with -t; `spindle templates list` shows them");
  }
  auto listing = TRY(store.list());
  std::erase_if(listing.templates,
                [&](const auto& stored) { return !suits(stored.definition, options); });
  if (listing.templates.empty()) return Error::not_found("there is no template that suits");
  for (size_t index = 0; index < listing.templates.size(); ++index) {
    const auto& definition = listing.templates[index].definition;
    fmt::print(stderr, "{:>3}  {:<20} {}\n", index + 1, definition.id, definition.description);
  }
  while (true) {
    const auto answer = TRY(ask_line("Template (number or name):"));
    for (size_t index = 0; index < listing.templates.size(); ++index) {
      auto& definition = listing.templates[index].definition;
      if (answer == definition.id || answer == fmt::format("{}", index + 1))
        return std::move(definition);
    }
  }
}

Result<std::string> choose_name(const NewOptions& options) {
  if (options.name) {
    TRY(scaffold::check_name(*options.name));
    return *options.name;
  }
  if (!is_interactive()) return Error::invalid_input("no name is given");
  while (true) {
    auto answer =
        TRY(ask_line(is_add(options) ? "Name of the component:" : "Name of the application:"));
    auto checked = scaffold::check_name(answer);
    if (checked) return answer;
    fmt::print(stderr, "{}\n", checked.error().message());
  }
}

Result<scaffold::LiquidValues> given_values(const NewOptions& options) {
  scaffold::LiquidValues values;
  if (options.values_file) {
    auto text = TRY(app::DiskFiles().read(options.values_file->string(), app::kMaxTomlBytes));
    const app::SourceText source(options.values_file->string(), std::move(text));
    for (const auto& entry : TRY(app::parse_toml(source))) {
      const auto* value = entry.value.as_string();
      if (value == nullptr) return source.error(entry.value.at, "expected a string");
      values.insert_or_assign(entry.key, *value);
    }
  }
  for (const auto& given : options.values) {
    const auto equals = given.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error::invalid_input(fmt::format("invalid value \"{}\", expected NAME=VALUE", given));
    }
    values.insert_or_assign(given.substr(0, equals), given.substr(equals + 1));
  }
  return values;
}

std::string setting_of_git(const char* variable, const char* key) {
  const app::ProcessEnvironment environment;
  if (auto value = environment.get(variable); value && !value->empty()) return *value;
  return scaffold::output_of({"git", "config", key}).value_or("");
}

void set_author(scaffold::InstanceRequest& request) {
  auto name = setting_of_git("GIT_AUTHOR_NAME", "user.name");
  const auto email = setting_of_git("GIT_AUTHOR_EMAIL", "user.email");
  if (name.empty()) name = app::ProcessEnvironment().get("USER").value_or("");
  request.user = name;
  request.author = email.empty() ? name : fmt::format("{} <{}>", name, email);
}

Result<void> check_empty(const fs::path& directory, const NewOptions& options) {
  std::error_code error;
  if (options.allow_overwrite || !fs::exists(directory, error) || fs::is_empty(directory, error))
    return {};
  const auto problem = fmt::format("the directory `{}` is not empty", directory.string());
  if (!is_interactive()) {
    return Error::invalid_input(problem + "; --allow-overwrite writes into it all the same");
  }
  if (TRY(ask_yes(fmt::format("{}. Write into it?", problem)))) return {};
  return Error::canceled("canceled");
}

Result<fs::path> manifest_to_extend(const NewOptions& options) {
  auto found = app::find_manifest(options.manifest);
  return TRY(std::move(found).context("the application that the component is added to"));
}

void print_next_steps(const NewOptions& options, const scaffold::InstancePlan& plan,
                      const std::string& name) {
  if (is_add(options)) {
    fmt::print("Added {} to {}\n", name, options.manifest.string());
    return;
  }
  const auto where = plan.directory.lexically_normal().string();
  fmt::print("Created {} in {}\n", name, where);
  if (isatty(STDOUT_FILENO) == 0) return;
  fmt::print("\nNext:\n  cd {}\n  spindle build --up\n", where);
}

}  // namespace

Result<void> run_new_command(const NewOptions& options) {
  auto values = TRY(given_values(options));
  scaffold::InstanceRequest request;
  if (is_add(options)) request.manifest = TRY(manifest_to_extend(options));
  const auto definition = TRY(choose_template(options));
  request.name = TRY(choose_name(options));
  request.values = std::move(values);
  request.accept_defaults = options.accept_defaults;
  request.no_vcs = options.no_vcs;
  request.output = options.init ? fs::path(".")
                                : options.output.value_or(scaffold::default_output(request.name));
  set_author(request);
  const auto directory = scaffold::instance_directory(definition, request);
  const bool is_shared =
      is_add(options) && definition.add_component && definition.add_component->copies_into_root;
  if (!is_shared) TRY(check_empty(directory, options));
  TerminalQuestions questions;
  auto plan = TRY(scaffold::plan_instance(definition, request, questions));
  TRY(scaffold::write_instance(plan));
  print_next_steps(options, plan, request.name);
  return {};
}

}  // namespace spindle::cli
