#pragma once

// The files that a component sees: `files` and `exclude_files` of a manifest.
//
// Copy mode (the default) puts copies of everything into one directory, which the guest sees as
// "/". Direct mode mounts whole directories as they are. Nothing outside the application's
// directory is ever copied or mounted: not through "..", not through absolute paths, not through
// symbolic links. Directories behind symbolic links are not walked, so that a loop of links ends.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "app/locked_app.h"
#include "app/manifest.h"
#include "base/result.h"

namespace spindle::app {

constexpr size_t kMaxMountedFiles = 100'000;
constexpr int kMaxMountedDepth = 64;

struct CopyOutcome {
  size_t files = 0;
  std::vector<std::string> warnings;
};

// Copies what `mounts` name, below `app_directory`, into `destination` (made if missing).
Result<CopyOutcome> copy_files(std::span<const FileMount> mounts,
                               std::span<const std::string> exclude,
                               const std::filesystem::path& app_directory,
                               const std::filesystem::path& destination);

// The directories to mount where they are; exclude_files must be empty.
Result<std::vector<LockedFile>> direct_mounts(std::span<const FileMount> mounts,
                                              std::span<const std::string> exclude,
                                              const std::filesystem::path& app_directory);

}  // namespace spindle::app
