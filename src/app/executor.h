#pragma once

// Executors of HTTP triggers, as far as they say whether a component's code is needed at all. What
// else an executor's table holds is the trigger's business (trigger/http/routes_config.h).

#include <string_view>

#include "app/manifest.h"

namespace spindle::app {

// The host serves the component's files; its source is neither fetched nor read.
inline constexpr std::string_view kStaticFilesExecutor = "static-files";

// The type of the executor that the configuration of a trigger names; empty where it names none.
std::string_view executor_type(const Table& config);
// Whether triggers run the component, and all of them by kStaticFilesExecutor.
bool is_served_by_host(const Manifest& manifest, std::string_view component);

}  // namespace spindle::app
