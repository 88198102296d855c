#pragma once

// What the commands of the developer's loop were told, as values; see command_line.h.

#include <chrono>
#include <cstdint>
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

struct WatchOptions {
  std::optional<std::filesystem::path> source;
  std::optional<std::string> profile;
  bool clear = false;
  bool quiet = false;
  bool skip_build = false;
  std::chrono::milliseconds debounce{100};
  // How it is served, its source still open.
  std::shared_ptr<UpOptions> up;
};

// `new` and `add`.
struct NewOptions {
  enum class Action : uint8_t { Application, Component };
  Action action = Action::Application;
  std::optional<std::string> name;
  std::optional<std::string> template_id;
  std::vector<std::string> tags;
  std::optional<std::filesystem::path> output;
  bool init = false;
  std::vector<std::string> values;  // name=value
  std::optional<std::filesystem::path> values_file;
  bool accept_defaults = false;
  bool no_vcs = false;
  bool allow_overwrite = false;
  // Of `add`: the application.
  std::filesystem::path manifest = "spin.toml";
};

struct TemplatesOptions {
  enum class Verb : uint8_t { List, Install, Upgrade, Uninstall };
  Verb verb = Verb::List;
  // --- list ---
  std::vector<std::string> tags;
  bool verbose = false;
  bool json = false;
  // --- install: one of the three; upgrade: repositories, all without ---
  std::optional<std::string> git;
  std::optional<std::string> branch;
  std::optional<std::string> directory;
  std::optional<std::string> archive;
  bool upgrade = false;
  // --- uninstall ---
  std::string id;
};

}  // namespace spindle::cli
