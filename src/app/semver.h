#pragma once

// Semantic versions (semver.org 2.0), as dependencies name them: parsing, compatibility, and
// whether a text is a requirement at all. Choosing a version for a requirement is the registry's
// business.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spindle::app {

struct Semver {
  uint64_t major = 0;
  uint64_t minor = 0;
  uint64_t patch = 0;
  std::string prerelease;
  std::string build;

  static std::optional<Semver> parse(std::string_view text);
  bool operator==(const Semver&) const = default;
};

// Whether one may stand for the other: same major, below 1.0 same minor, below 0.1 and for
// prereleases the same version.
bool semver_compatible(const Semver& a, const Semver& b);
// "1.2", "^1.2.3", ">=1, <2", "*", "=1.0.0-rc.1".
bool is_version_requirement(std::string_view text);

}  // namespace spindle::app
