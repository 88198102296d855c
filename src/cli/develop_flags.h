#pragma once

// The flags of the developer's commands (`build`, `watch`), with their help texts and examples.
// Called by command_line.cpp.

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/develop_options.h"

namespace CLI {
class App;
}

namespace spindle::cli {

// Where parsing leaves what each command was told.
struct DevelopFlags {
  BuildOptions build;
  WatchOptions watch;
  uint64_t debounce_ms = 100;
  bool up = false;
  // Arguments for `up`.
  std::vector<std::string> rest;
};

// Adds a command; `flags` outlives the parsing.
CLI::App* add_build_command(CLI::App& app, DevelopFlags& flags);
CLI::App* add_watch_command(CLI::App& app, DevelopFlags& flags);

// Splits the arguments of a command at the first that it does not know, or after a `--`: the second
// part is for `up`, whatever it holds.
std::vector<std::string> take_rest(const CLI::App& command, std::vector<std::string>& arguments);

}  // namespace spindle::cli
