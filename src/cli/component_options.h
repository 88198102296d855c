#pragma once

// What the user asked of `spindle component`, as values: one struct a subcommand. The flags that
// fill them are in component_flags.cpp, what they do in component_command.cpp, component_new.cpp
// and component_compose.cpp. A path of `-` is standard input; an absent output is standard output.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "component/validate/validate.h"

namespace spindle::cli {

// A core module becomes a component.
struct ComponentNewOptions {
  std::string input;
  std::optional<std::string> output;
  std::vector<std::string> adapters;  // FILE or NAME=FILE
  // The world that the module is for: WIT, and which world where there are several.
  std::optional<std::string> wit;
  std::optional<std::string> world;
};

// The world of a component or of a core module, the packages of an encoded WIT package.
struct ComponentWitOptions {
  std::string input;
  std::optional<std::string> output;
};

// WebAssembly text.
struct ComponentPrintOptions {
  std::string input;
  std::optional<std::string> output;
};

enum class ReportFormat : uint8_t { Plain, Json };

struct ComponentValidateOptions {
  std::vector<std::string> inputs;
  component::ValidationFeatures features;
  ReportFormat format = ReportFormat::Plain;
};

// Several components become one.
struct ComponentComposeOptions {
  std::string input;
  std::optional<std::string> output;
  std::vector<std::string> dependencies;  // FILE or NAME=FILE
};

using ComponentOptions =
    std::variant<ComponentNewOptions, ComponentWitOptions, ComponentPrintOptions,
                 ComponentValidateOptions, ComponentComposeOptions>;

}  // namespace spindle::cli
