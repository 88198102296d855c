#pragma once

// `spindle test`: the tests of an application's folder `tests`, each on a stage of its own, and
// what is printed of them. Trials are the matter of trial/.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace CLI {
class App;
}

namespace spindle::cli {

struct TestOptions {
  enum class Format : uint8_t { Plain, Json, Junit };
  std::optional<std::filesystem::path> source;
  std::optional<std::string> profile;
  // Files, or directories of them; `tests` beside the manifest when empty.
  std::vector<std::filesystem::path> paths;
  // Only tests whose name, or file, has this in it.
  std::string filter;
  bool build = false;
  bool list = false;
  // Of tests that hold, too.
  bool show_output = false;
  bool disable_cache = false;
  Format format = Format::Plain;
};

// Adds the command; `options` and `format` outlive the parsing.
CLI::App* add_test_command(CLI::App& app, TestOptions& options);

// The exit code: 1 where a test does not hold.
Result<int> run_test_command(const TestOptions& options);

}  // namespace spindle::cli
