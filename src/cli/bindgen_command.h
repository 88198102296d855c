#pragma once

// `spindle bindgen --guest`: C++ for a component that is written for a world. Flags and the work.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace CLI {
class App;
}

namespace spindle::cli {

struct BindgenOptions {
  std::vector<std::string> wit;  // files and directories
  std::optional<std::string> world;
  std::string output = ".";
  std::string root = "bindings";
  bool is_guest = false;
};

// `options` outlive the parsing.
CLI::App* add_bindgen_command(CLI::App& app, BindgenOptions& options);

// The exit code.
Result<int> run_bindgen(const BindgenOptions& options);

}  // namespace spindle::cli
