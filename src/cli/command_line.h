#pragma once

// The command line as a value. Parsing is the only thing that happens here: nothing is opened, read
// or started. Flags, their names and their environment variables are Spin's where Spin has them;
// flags of things that are not built yet are known, so that the refusal can say so.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "app/instance_reuse.h"
#include "base/result.h"
#include "cli/bindgen_command.h"
#include "cli/component_options.h"
#include "cli/develop_options.h"
#include "cli/doctor_command.h"
#include "cli/test_command.h"

namespace spindle::cli {

enum class StartupFormat : uint8_t { Plain, Json };

struct UpOptions {
  // A manifest, a directory with a spin.toml, or a Wasm file; the working directory when absent.
  std::optional<std::filesystem::path> source;
  std::optional<std::string> profile;
  std::vector<std::string> component_ids;
  // Build the components first.
  bool build = false;
  // Of `watch`, which replaces the application while it serves.
  bool is_watched = false;

  std::string listen = "127.0.0.1:3000";
  bool find_free_port = false;
  StartupFormat format = StartupFormat::Plain;
  // Both or neither.
  std::optional<std::filesystem::path> tls_certificate;
  std::optional<std::filesystem::path> tls_key;

  std::vector<std::string> environment;  // K=V
  std::vector<std::string> variables;    // K=V, K=@file, @file.json, @file.toml
  std::vector<std::string> key_values;   // K=V
  std::vector<std::string> sql;          // a statement, @file, @file:label

  bool quiet = false;
  std::vector<std::string> follow;
  // Present and empty: no log files.
  std::optional<std::string> log_directory;
  bool truncate_logs = false;
  // Present and empty: nothing is kept.
  std::optional<std::string> state_directory;
  std::optional<std::filesystem::path> runtime_config;
  std::optional<std::filesystem::path> temporary_directory;
  bool direct_mounts = false;
  bool allow_transient_write = false;

  bool disable_cache = false;
  bool disable_pooling = false;
  bool disable_fusing = false;
  std::optional<uint64_t> instance_memory_bytes;
  std::chrono::milliseconds cpu_time{10'000};
  std::chrono::milliseconds response_time{25'000};
  std::optional<app::DurationRange> request_timeout;
  app::InstanceReuse reuse;
  std::optional<unsigned> threads;
  std::optional<size_t> connections;
  std::optional<size_t> concurrent_requests;
  std::optional<size_t> head_bytes;
};

struct ShowText {
  std::string text;
  int exit_code = 0;
};

using CommandLine =
    std::variant<ShowText, UpOptions, ComponentOptions, BuildOptions, WatchOptions, BindgenOptions,
                 NewOptions, TemplatesOptions, TestOptions, DoctorOptions>;

// Usage errors are ShowText with exit code 2; a flag that is known but not supported is an Error.
// `arguments` are without the program's name.
Result<CommandLine> parse_command_line(const std::vector<std::string>& arguments);

}  // namespace spindle::cli
