#pragma once

// What the commands of the developer's loop were told, as values; see command_line.h.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace spindle::cli {

struct UpOptions;

struct BuildOptions {
  // A manifest or a directory with a spin.toml; found from the working directory when absent.
  std::optional<std::filesystem::path> source;
  std::optional<std::string> profile;
  std::vector<std::string> component_ids;
  bool skip_target_checks = false;
  bool skip_generate_wits = false;
  // What to serve afterwards, its source still open; null for nothing.
  std::shared_ptr<UpOptions> up;
};

}  // namespace spindle::cli
