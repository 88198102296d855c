#pragma once

// The flags of `new`, `add` and `templates`, with their help texts and examples. Called by
// command_line.cpp.

#include <optional>
#include <string>
#include <variant>

#include "base/result.h"
#include "cli/develop_options.h"

namespace CLI {
class App;
}

namespace spindle::cli {

// Where parsing leaves what each command was told.
struct TemplateFlags {
  NewOptions create;
  NewOptions add;
  TemplatesOptions list;
  TemplatesOptions install;
  TemplatesOptions upgrade;
  TemplatesOptions uninstall;
  std::optional<std::string> name;
  std::optional<std::string> second;
  std::string format = "table";
  bool all = false;
  std::string environment;
};

// Adds the commands; `flags` outlives the parsing.
void add_template_commands(CLI::App& app, TemplateFlags& flags);
// After parsing: what the command was told that was named; a text is a usage error. Nothing if it
// was another command.
using TemplateCommand = std::variant<std::string, NewOptions, TemplatesOptions>;
Result<std::optional<TemplateCommand>> finish_template_command(const CLI::App& app,
                                                               TemplateFlags& flags);

}  // namespace spindle::cli
