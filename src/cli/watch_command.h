#pragma once

// `spindle watch`: builds and serves; when sources change, builds what changed; when what is served
// changed, puts it in the place of the old, while the listener stays. What fails to build or to
// start leaves the old one serving.

#include "base/result.h"
#include "cli/develop_options.h"

namespace spindle::cli {

Result<void> run_watch_command(const WatchOptions& options);

}  // namespace spindle::cli
