#pragma once

// `spindle build`: the build commands of an application run, what they print, and what is warned
// of.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/develop_options.h"
#include "develop/build_manifest.h"

namespace spindle::cli {

// Builds, and serves where that was asked for.
Result<void> run_build_command(const BuildOptions& options);

// Builds what `up --build` is about to serve: all components.
Result<void> build_application(const std::filesystem::path& source,
                               const std::optional<std::string>& profile);

// Some components (all if `ids` is empty), their output marked. `running` is given what ends the
// build while it runs, and nothing afterwards.
Result<void> build_watched(const develop::BuildManifest& manifest,
                           const std::vector<std::string>& ids,
                           const std::function<void(std::function<void()> stop)>& running);

}  // namespace spindle::cli
