#pragma once

// Which world of the given WIT a command is about.

#include <optional>
#include <string>

#include "base/result.h"
#include "wit/model.h"

namespace spindle::cli {

// By full id, or by the name inside a package that was asked for; without a name the only world.
// `path` is where the WIT is, for messages.
Result<wit::WorldId> find_world(const wit::Resolve& resolve, const std::string& path,
                                const std::optional<std::string>& name);

}  // namespace spindle::cli
