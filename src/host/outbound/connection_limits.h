#pragma once

// ConnectionLimits: how many outbound connections the process may have, as the operator says; one
// for all loops. Who opens a connection takes the permit of its kind first, then the one of all.

#include <optional>

#include "app/runtime_config.h"
#include "io/permits.h"

namespace spindle::host {

struct ConnectionLimits {
  explicit ConnectionLimits(const app::OutboundConfig& config) {
    if (config.http_connections) http.emplace(*config.http_connections);
    if (config.total_connections) total.emplace(*config.total_connections);
  }

  // Absent: as many as there are.
  std::optional<io::Permits> http;
  std::optional<io::Permits> total;
};

}  // namespace spindle::host
