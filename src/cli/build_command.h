#pragma once

// `spindle build`: the build commands of an application run, what they print, and what is warned
// of.

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/develop_options.h"

namespace spindle::cli {

// Builds, and serves where that was asked for.
Result<void> run_build_command(const BuildOptions& options);

// Builds what `up --build` is about to serve: all components.
Result<void> build_application(const std::filesystem::path& source,
                               const std::optional<std::string>& profile);

}  // namespace spindle::cli
