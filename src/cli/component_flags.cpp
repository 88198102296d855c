#include "cli/component_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace spindle::cli {
namespace {

struct Verb {
  const char* name;
  const char* about;
  const char* footer;
  void (*add_flags)(CLI::App& verb, ComponentFlags& flags);
  ComponentOptions (*finish)(ComponentFlags& flags);
};

constexpr const char* kInput = "a .wasm or .wat file, `-` for standard input";

void add_output(CLI::App& verb, std::optional<std::string>& output) {
  verb.add_option("-o,--output", output, "where the result goes (default: standard output)")
      ->type_name("FILE");
}

void add_files(CLI::App& verb, std::string& input, std::optional<std::string>& output) {
  verb.add_option("FILE", input, kInput)->required();
  add_output(verb, output);
}

void add_new_flags(CLI::App& verb, ComponentFlags& flags) {
  add_files(verb, flags.create.input, flags.create.output);
  verb.add_option("--adapt", flags.create.adapters,
                  "FILE or NAME=FILE: the module that gives the imports from NAME (repeat)")
      ->type_name("ADAPTER")
      ->allow_extra_args(false);
  verb.add_option("--wit", flags.create.wit, "the module's world: a directory or file of WIT")
      ->type_name("PATH");
  verb.add_option("--world", flags.create.world, "which world of --wit, if there are several")
      ->type_name("WORLD");
}

void add_validate_flags(CLI::App& verb, ComponentFlags& flags) {
  verb.add_option("FILE", flags.validate.inputs, kInput)->required();
  verb.add_option("--features", flags.features, "features to switch on, or off: map,-threads")
      ->type_name("LIST");
  verb.add_flag("--json", flags.json, "print one JSON document a file");
}

void add_compose_flags(CLI::App& verb, ComponentFlags& flags) {
  add_files(verb, flags.compose.input, flags.compose.output);
  verb.add_option("-d,--dependency", flags.compose.dependencies,
                  "FILE or NAME=FILE: a component that gives what is imported (repeat)")
      ->type_name("COMPONENT")
      ->allow_extra_args(false);
}

constexpr Verb kVerbs[] = {
    {"new", "make a component of a core module",
     "Examples:\n  spindle component new app.wasm -o app.component.wasm\n", add_new_flags,
     [](ComponentFlags& flags) -> ComponentOptions { return std::move(flags.create); }},
    {"wit", "print what a component imports and exports as WIT",
     "FILE is a component, a core module with a component-type section, or a WIT package encoded\n"
     "as WebAssembly.\n\nExamples:\n  spindle component wit app.wasm\n",
     [](CLI::App& verb, ComponentFlags& flags) {
       add_files(verb, flags.wit.input, flags.wit.output);
     },
     [](ComponentFlags& flags) -> ComponentOptions { return std::move(flags.wit); }},
    {"print", "print a component as WebAssembly text",
     "Core modules are left out: a comment says how large each is and what it imports and\n"
     "exports.\n\nExamples:\n  spindle component print app.wasm\n",
     [](CLI::App& verb, ComponentFlags& flags) {
       add_files(verb, flags.print.input, flags.print.output);
     },
     [](ComponentFlags& flags) -> ComponentOptions { return std::move(flags.print); }},
    {"validate", "say whether components and core modules are valid",
     "Features: implements, map, fixed-lists, error-context, threads, stackful, memory64, gc, "
     "all.\n"
     "All are on unless switched off.\n\nThe exit code is 1 if any file is invalid.\n\n"
     "Examples:\n  spindle component validate app.wasm\n"
     "  spindle component validate --features -threads,-gc app.wasm\n",
     add_validate_flags,
     [](ComponentFlags& flags) -> ComponentOptions { return std::move(flags.validate); }},
    {"compose", "make one component of several",
     "Examples:\n  spindle component compose front.wasm -d back.wasm -o app.wasm\n",
     add_compose_flags,
     [](ComponentFlags& flags) -> ComponentOptions { return std::move(flags.compose); }},
};

struct Feature {
  std::string_view name;
  bool component::ValidationFeatures::* flag;
};

constexpr Feature kFeatures[] = {
    {"implements", &component::ValidationFeatures::implements_attributes},
    {"map", &component::ValidationFeatures::map_types},
    {"fixed-lists", &component::ValidationFeatures::fixed_lists},
    {"error-context", &component::ValidationFeatures::error_context},
    {"threads", &component::ValidationFeatures::threads},
    {"stackful", &component::ValidationFeatures::stackful_lift},
    {"memory64", &component::ValidationFeatures::memory64},
    {"gc", &component::ValidationFeatures::gc},
};

Error unknown_feature(std::string_view name) {
  std::string known;
  for (const auto& feature : kFeatures) known += fmt::format("{}, ", feature.name);
  return Error::invalid_input(
      fmt::format("`{}` is not a feature, expected one of {}all", name, known));
}

}  // namespace

Result<component::ValidationFeatures> parse_features(std::string_view text) {
  component::ValidationFeatures features;
  while (!text.empty()) {
    auto end = std::min(text.find(','), text.size());
    auto name = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    bool on = !name.starts_with('-');
    if (!on) name.remove_prefix(1);
    bool is_known = false;
    for (const auto& feature : kFeatures) {
      if (name != feature.name && name != "all") continue;
      features.*feature.flag = on;
      is_known = true;
    }
    if (!is_known) return unknown_feature(name);
  }
  return features;
}

CLI::App* add_component_command(CLI::App& app, ComponentFlags& flags) {
  auto* command = app.add_subcommand("component", "look into components, make and combine them");
  command->require_subcommand(0, 1);
  command->footer("Run `spindle component validate --help` for the flags of a command.");
  for (const auto& verb : kVerbs) {
    auto* added = command->add_subcommand(verb.name, verb.about);
    added->footer(verb.footer);
    verb.add_flags(*added, flags);
  }
  return command;
}

Result<std::optional<ComponentOptions>> finish_component(const CLI::App& command,
                                                         ComponentFlags& flags) {
  flags.validate.features = TRY(parse_features(flags.features));
  flags.validate.format = flags.json ? ReportFormat::Json : ReportFormat::Plain;
  for (const auto& verb : kVerbs) {
    if (command.got_subcommand(verb.name)) return verb.finish(flags);
  }
  return std::nullopt;
}

}  // namespace spindle::cli
