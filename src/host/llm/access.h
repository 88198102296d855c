#pragma once

// LlmAccess: what the instances of a component may ask a language model.

#include <optional>
#include <string>
#include <vector>

#include "app/runtime_config.h"

namespace spindle::host {

// What a component may ask, and who answers.
struct LlmAccess {
  std::vector<std::string> models;
  // Nothing: no model can be asked.
  std::optional<app::LlmComputeConfig> remote;
};

}  // namespace spindle::host
