#include "cli/worlds.h"

#include <fmt/format.h>

namespace spindle::cli {
namespace {

// The only world of the packages that were asked for.
Result<wit::WorldId> only_world(const wit::Resolve& resolve, const std::string& path) {
  std::optional<wit::WorldId> found;
  for (auto root : resolve.roots()) {
    for (auto world : resolve.package(root).worlds) {
      if (found) {
        return Error::invalid_input(
            fmt::format("`{}` has several worlds; say which with --world", path));
      }
      found = world;
    }
  }
  if (!found) return Error::invalid_input(fmt::format("`{}` has no world", path));
  return *found;
}

}  // namespace

Result<wit::WorldId> find_world(const wit::Resolve& resolve, const std::string& path,
                                const std::optional<std::string>& name) {
  if (!name) return only_world(resolve, path);
  if (auto world = resolve.find_world(*name)) return *world;
  for (auto root : resolve.roots()) {
    if (auto world = resolve.find_world(root, *name)) return *world;
  }
  return Error::not_found(fmt::format("`{}` has no world `{}`", path, *name));
}

}  // namespace spindle::cli
