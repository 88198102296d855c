#pragma once

// Which exports of a candidate serve the functions of an importer, by index.
//
// The types must be the same, parameter names included: what a composition would accept
// (component/validate/subtype.h) for values, compared across the type tables of two plans. Handles
// may be of resources that the bound interfaces define and the candidate implements itself; other
// resources, streams and asynchronous functions cannot cross. All that differs is one error.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "component/runtime/prepared.h"

namespace spindle::link {

struct Match {
  // Per HostImport of the importer's plan; absent for functions of other interfaces.
  std::vector<std::optional<component::LiftIndex>> functions;
};

// `interfaces` as the importer names them, up to the compatibility track.
Result<Match> match_exports(const component::PreparedComponent& importer,
                            std::span<const std::string> interfaces,
                            const component::PreparedComponent& candidate);

// The same interface: equal names, or versions of one compatibility track.
bool is_same_interface(std::string_view a, std::string_view b);

}  // namespace spindle::link
