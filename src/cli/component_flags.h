#pragma once

// The flags of `spindle component`: one entry a subcommand in the table of component_flags.cpp,
// with its help text and examples. Called by command_line.cpp.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/component_options.h"

namespace CLI {
class App;
}

namespace spindle::cli {

// Where parsing leaves what each subcommand was told.
struct ComponentFlags {
  ComponentNewOptions create;
  ComponentWitOptions wit;
  ComponentPrintOptions print;
  ComponentValidateOptions validate;
  ComponentComposeOptions compose;
  std::string features;
  bool json = false;
};

// Adds `component` and its subcommands; `flags` outlives the parsing.
CLI::App* add_component_command(CLI::App& app, ComponentFlags& flags);
// After parsing: the options of the subcommand that was named, nothing if none was.
Result<std::optional<ComponentOptions>> finish_component(const CLI::App& command,
                                                         ComponentFlags& flags);

// `map,-threads`: each name switches a feature on, or off after a `-`; `all` stands for every one.
Result<component::ValidationFeatures> parse_features(std::string_view text);

}  // namespace spindle::cli
