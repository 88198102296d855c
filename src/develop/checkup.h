#pragma once

// Checkup: what is wrong with an application and its surroundings, as far as that shows without
// running it: the manifest, what building needs, what has been built. Each finding says what to do
// about it. For `spindle doctor`, which adds what only the runtime knows.
//
// Programs of build commands are looked for as a shell would, in PATH; a word that is no program
// (a builtin, an assignment, a variable) is passed over, so that what is reported is missing.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "develop/build_manifest.h"

namespace spindle::develop {

struct Finding {
  // Note: it works, but people like to know. Warning: probably not what is meant. Problem: the
  // application does not build, or run.
  enum class Kind : uint8_t { Good, Note, Warning, Problem };
  Kind kind = Kind::Good;
  // Of a component; empty: of the application.
  std::string component;
  std::string text;
  // What to do.
  std::string help;
};

// `path`: the manifest.
std::vector<Finding> check_manifest(const std::filesystem::path& path);
// Of one component: its working directory, the programs that its commands call, targets of
// compilers, its file and how old that is.
std::vector<Finding> check_component(const BuildManifest& manifest,
                                     const BuildComponent& component);

// The programs that the commands of a shell text call.
std::vector<std::string> programs_of(std::string_view command);

}  // namespace spindle::develop
