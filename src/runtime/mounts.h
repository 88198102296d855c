#pragma once

// The directories of a component, opened, for a guest or for whoever serves them in its place.

#include <memory>
#include <vector>

#include "app/locked_app.h"
#include "base/result.h"
#include "wasi/core/files.h"

namespace spindle::runtime {

Result<std::vector<std::shared_ptr<const wasi::Mount>>> make_mounts(
    const app::LockedComponent& component, wasi::Access access);

}  // namespace spindle::runtime
