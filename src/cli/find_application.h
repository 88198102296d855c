#pragma once

// Which application a command means that names none.

#include <filesystem>

#include "base/result.h"

namespace spindle::cli {

// spin.toml here or in a parent directory, up to the root of a git checkout. One of a parent is
// named on standard error.
Result<std::filesystem::path> discover_manifest();

}  // namespace spindle::cli
