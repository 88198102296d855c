#include "component/host/renamed_interfaces.h"

#include <set>

#include <fmt/format.h>

#include "component/plan/host_registry.h"

namespace spindle::component {
namespace {

struct Track {
  std::string before;  // `<wasi:http/types@0.3.`
  std::string after;
};

// A resource in a type text stands behind `own<` or `borrow<`.
std::string renamed_type(std::string_view type, std::span<const Track> tracks) {
  std::string text(type);
  for (const Track& track : tracks) {
    for (size_t at = text.find(track.before); at != std::string::npos;
         at = text.find(track.before, at + track.after.size())) {
      text.replace(at, track.before.size(), track.after);
    }
  }
  return text;
}

}  // namespace

RenamedInterfaces::RenamedInterfaces(std::span<const HostInterface* const> originals,
                                     const Rename& rename) {
  std::vector<Track> tracks;
  std::set<std::string> seen;
  for (const HostInterface* original : originals) {
    const std::string track = track_name(original->name);
    if (!seen.insert(track).second) continue;
    tracks.push_back({fmt::format("<{}.", track), fmt::format("<{}.", rename(track))});
  }
  for (const HostInterface* original : originals) {
    auto& functions =
        functions_.emplace_back(original->functions.begin(), original->functions.end());
    for (HostFunction& function : functions) {
      function.type = texts_.emplace_back(renamed_type(function.type, tracks));
    }
    HostInterface& table = tables_.emplace_back(*original);
    table.name = texts_.emplace_back(rename(original->name));
    table.functions = functions;
    interfaces_.push_back(&table);
  }
}

}  // namespace spindle::component
