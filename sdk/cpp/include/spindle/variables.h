#pragma once

// Variables of the component, as its `variables` table in the manifest has them.

#include <string>
#include <string_view>

#include <spindle/error.h>

namespace spindle {

// NotFound where the manifest gives the component no such variable.
Result<std::string> variable(std::string_view name);

}  // namespace spindle
