#pragma once

// Versions of WIT packages: semantic versions, their order, and the compatibility track that
// decides which versions of an interface may stand in for one another.
//
//   version     track        why
//   1.4.2       1            same major
//   0.2.6       0.2          same minor while the major is 0
//   0.0.3       0.0.3        nothing is compatible yet
//   0.3.0-rc.1  0.3.0-rc.1   a pre-release is compatible with itself only

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spindle::wit {

struct Version {
  uint64_t major = 0;
  uint64_t minor = 0;
  uint64_t patch = 0;
  std::string pre;    // after `-`, empty when absent
  std::string build;  // after `+`, empty when absent

  std::string to_string() const;
  bool operator==(const Version&) const = default;
};

// Semantic versioning precedence; build metadata breaks ties so that the order is total.
std::strong_ordering operator<=>(const Version& left, const Version& right);

Result<Version> parse_version(std::string_view text);

// The track without a leading `@`, as in the table above.
std::string compatibility_track(const Version& version);

}  // namespace spindle::wit
