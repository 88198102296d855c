#pragma once

// `spindle up`: from a command line to a serving application.

#include "base/result.h"
#include "cli/command_line.h"

namespace spindle::cli {

// Returns when the server was told to stop and has drained.
Result<void> run_up(const UpOptions& options);

}  // namespace spindle::cli
