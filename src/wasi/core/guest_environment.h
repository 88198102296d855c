#pragma once

// GuestEnvironment: what a component finds when it starts: arguments, environment, standard
// streams, mounted directories, and its limits.
//
// One per component, never changed once instances use it; they outlive none of it. An executor that
// gives each request its own (WAGI) makes one per request.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wasi/core/files.h"
#include "wasi/core/output_sink.h"

namespace spindle::wasi {

struct GuestEnvironment {
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> variables;
  std::vector<std::shared_ptr<const Mount>> mounts;
  // Closed where there is none.
  std::shared_ptr<const Bytes> standard_input;
  // Never null.
  std::shared_ptr<OutputSink> standard_output = std::make_shared<DiscardingSink>();
  std::shared_ptr<OutputSink> standard_error = std::make_shared<DiscardingSink>();
  uint32_t descriptors_max = kDescriptorsMax;
};

// What a guest said when it ended itself. The call that says it returns a trap; whoever sees a trap
// asks the instance's state whether it was an exit.
struct ExitStatus {
  uint8_t code = 0;
  bool is_success() const { return code == 0; }
};

}  // namespace spindle::wasi
