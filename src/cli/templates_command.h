#pragma once

// `spindle templates`: list, install, upgrade, uninstall.

#include "base/result.h"
#include "cli/develop_options.h"

namespace spindle::cli {

Result<void> run_templates_command(const TemplatesOptions& options);

}  // namespace spindle::cli
