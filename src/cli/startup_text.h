#pragma once

// What `up` prints once it serves, for people and for programs.

#include <string>
#include <string_view>

#include "cli/command_line.h"
#include "trigger/http/http_trigger.h"
#include "trigger/redis/redis_service.h"

namespace spindle::cli {

// `Serving http://…` (`base_url`) and the routes, in the order in which they are tried.
std::string startup_text(const trigger::HttpService& service, std::string_view base_url,
                         StartupFormat format);

// `Active Channels on …` for each server, and who hears what.
std::string channels_text(const trigger::RedisService& service);

}  // namespace spindle::cli
