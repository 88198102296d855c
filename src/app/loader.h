#pragma once

// From a path on the command line to a LockedApp: finds the manifest, reads, checks and normalizes
// it, sees that every component's file is there, and materializes the files that components mount.
//
//   auto app = TRY(load_app("shop/spin.toml", options));
//
// The path may be a directory with a spin.toml, a manifest, or a bare .wasm, which is run as an
// HTTP application named after the file, on every route. This is the one place of the room that
// reads the disk on behalf of a manifest; it is called once, before anything is served.

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/locked_app.h"
#include "base/result.h"

namespace spindle::app {

enum class MountMode : uint8_t { Copy, Direct };
enum class SourceCheck : uint8_t { MustExist, Skip };

struct LoadOptions {
  std::string profile;
  // Where copies of mounted files go, <directory>/assets/<component>; empty: mounts are left out.
  std::filesystem::path working_directory;
  MountMode mounts = MountMode::Copy;
  SourceCheck sources = SourceCheck::MustExist;
  // --env: added to the environment of every component, winning over the manifest.
  std::vector<std::pair<std::string, std::string>> environment;
};

// The manifest that a path means: itself, or the spin.toml of a directory.
Result<std::filesystem::path> find_manifest(const std::filesystem::path& path);
// Reads and parses; for commands that need the manifest itself (build, doctor).
Result<Manifest> load_manifest(const std::filesystem::path& manifest_path);
Result<LockedApp> load_app(const std::filesystem::path& path, const LoadOptions& options);
// "KEY=VALUE" of --env.
Result<std::pair<std::string, std::string>> parse_env_argument(std::string_view argument);

}  // namespace spindle::app
