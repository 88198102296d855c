#pragma once

// `spindle new` and `spindle add`: a template is chosen, its parameters are had from flags, a file
// or the terminal, and its files are written.

#include "base/result.h"
#include "cli/develop_options.h"

namespace spindle::cli {

Result<void> run_new_command(const NewOptions& options);

}  // namespace spindle::cli
