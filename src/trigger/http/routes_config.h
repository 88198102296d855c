#pragma once

// What the HTTP triggers of an application say, checked: a route each, and what serves it.

#include <memory>
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

struct HttpTarget {
  std::string trigger_id;
  std::string component;  // empty: a static response
  std::shared_ptr<const StaticResponse> static_response;
};

struct HttpRoutes {
  std::vector<HttpTarget> targets;
  RouteTable table;  // its targets are indices into `targets`
  std::vector<std::string> warnings;
};

Result<HttpRoutes> read_http_routes(const app::LockedApp& app);

}  // namespace spindle::trigger
