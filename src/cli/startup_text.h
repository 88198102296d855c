#pragma once

// What `up` prints once it serves, for people and for programs.

#include <string>
#include <string_view>

#include "cli/command_line.h"
#include "trigger/http/http_trigger.h"

namespace spindle::cli {

// `Serving http://…` and the routes, in the order in which they are tried.
std::string startup_text(const trigger::HttpService& service, std::string_view address,
                         StartupFormat format);

}  // namespace spindle::cli
