#pragma once

// BuildManifest: what the developer's commands need of spin.toml: how each component is built, and
// which files it is made of.
//
// A manifest that would not run can mostly still be built (the mistake may be what the build is to
// repair), so only what concerns building is read where the strict reading fails; the failure is
// kept in `problem`, as a warning for after the build. A profile that no component defines is an
// error in either reading.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/manifest.h"
#include "base/result.h"

namespace spindle::develop {

struct BuildComponent {
  std::string id;
  std::vector<std::string> commands;  // none: nothing to build
  std::optional<std::string> workdir;
  std::vector<std::string> watch;     // patterns, relative to the working directory
  std::optional<std::string> source;  // a path as written
  std::vector<std::string> dependency_sources;
  std::vector<app::FileMount> files;
};

struct BuildManifest {
  std::filesystem::path path;  // absolute
  std::vector<BuildComponent> components;
  bool has_targets = false;
  std::optional<Error> problem;

  std::filesystem::path directory() const { return path.parent_path(); }
  const BuildComponent* find(std::string_view id) const;
  // Where the component's commands run.
  std::filesystem::path working_directory(const BuildComponent& component) const;
};

// `path` is a manifest or a directory with one; `profile` empty for none.
Result<BuildManifest> read_build_manifest(const std::filesystem::path& path,
                                          std::string_view profile);

// `.spin/last-build.txt` beside the manifest: which profile was built last. Nothing is written for
// builds without a profile in an application that never used one.
Result<void> record_last_build(const BuildManifest& manifest, std::string_view profile);
// A warning, if what was built last has another profile than what is about to run.
std::optional<std::string> other_profile_warning(const std::filesystem::path& manifest_path,
                                                 std::string_view profile);

}  // namespace spindle::develop
