#pragma once

// The bytes of a component of an application: its file, composed with its dependencies and, as the
// trigger wants it, with middleware in front.
//
// Each dependency and each middleware reaches of the host what its `inherit_configuration` names
// and is refused the rest (capabilities.h). Composing happens once, when the application starts.

#include <cstdint>
#include <vector>

#include "app/locked_app.h"
#include "base/result.h"

namespace spindle::runtime {

bool is_composed(const app::LockedComponent& component);
Result<std::vector<uint8_t>> load_component(const app::LockedComponent& component);

}  // namespace spindle::runtime
