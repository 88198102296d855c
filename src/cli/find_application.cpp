#include "cli/find_application.h"

#include <fmt/format.h>

namespace spindle::cli {
namespace {

namespace fs = std::filesystem;

// How far up a manifest is looked for.
constexpr int kParentsMax = 19;

}  // namespace

Result<fs::path> discover_manifest() {
  auto directory = fs::current_path();
  std::error_code ignored;
  for (int level = 0; level <= kParentsMax; ++level) {
    auto candidate = directory / "spin.toml";
    if (fs::exists(candidate, ignored)) {
      if (level > 0) fmt::print(stderr, "Using {}\n", candidate.string());
      return level > 0 ? candidate : fs::path("spin.toml");
    }
    if (fs::exists(directory / ".git", ignored) || directory == directory.parent_path()) break;
    directory = directory.parent_path();
  }
  return Error::not_found(
      "no spin.toml here or in a parent directory; name the application: `spindle up -f PATH`");
}

}  // namespace spindle::cli
