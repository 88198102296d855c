#pragma once

// What the HTTP triggers of an application say, checked: a route each, and what serves it.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/locked_app.h"
#include "base/result.h"
#include "trigger/http/route.h"

namespace spindle::trigger {

// A response that the host gives by itself.
struct StaticResponse {
  uint16_t status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// The component is a command that is run for each request (wagi_request.h).
struct WagiExecutor {
  std::string arguments;
};

// The host serves the component's files (static_files/file_service.h). What the trigger leaves open
// is as the component's environment says: FALLBACK_PATH, CUSTOM_404_PATH, CACHE_CONTROL.
struct StaticFilesExecutor {
  std::optional<std::string> fallback;
  std::optional<std::string> not_found;
  std::optional<std::string> cache_control;
};

struct HttpTarget {
  std::string trigger_id;
  std::string component;  // empty: a static response
  std::shared_ptr<const StaticResponse> static_response;
  std::optional<WagiExecutor> wagi;
  std::optional<StaticFilesExecutor> files;
};

struct HttpRoutes {
  std::vector<HttpTarget> targets;
  RouteTable table;  // its targets are indices into `targets`
  std::vector<std::string> warnings;
};

Result<HttpRoutes> read_http_routes(const app::LockedApp& app);

}  // namespace spindle::trigger
