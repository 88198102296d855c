#pragma once

// What a core module of a plan is given for each of its imports.

#include <string_view>

#include "base/result.h"
#include "component/plan/plan.h"

namespace spindle::component {

// Validation has checked that there is one.
Result<CoreItem> core_import(const InstantiationStep& step, std::string_view module,
                             std::string_view name);

}  // namespace spindle::component
