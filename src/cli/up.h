#pragma once

// `spindle up`: from a command line to a serving application.

#include <functional>
#include <memory>

#include "base/result.h"
#include "cli/command_line.h"
#include "cli/prepared_app.h"
#include "cli/serve.h"

namespace spindle::cli {

// Returns when the server was told to stop and has drained.
Result<void> run_up(const UpOptions& options);

// Signals that are ignored, and limits of the process that are raised, before anything is served.
void prepare_process();

// How `watch` takes part in serving; see ServeOptions.
struct WatchHooks {
  std::function<io::Task<void>(io::EventLoop& loop, Replacer& replacer)> replacing;
  std::function<void()> stopping;
};
Result<void> serve_watched(const UpOptions& options, const std::shared_ptr<PreparedApp>& app,
                           const WatchHooks& watch);

}  // namespace spindle::cli
