#pragma once

// PreparedApp: an application as `up` serves it: loaded, compiled, its triggers ready. `watch`
// makes another one whenever something has changed, and the one before goes with its last request.

#include <filesystem>
#include <memory>
#include <string>

#include "app/locked_app.h"
#include "app/system.h"
#include "base/result.h"
#include "cli/command_line.h"
#include "cli/serve.h"
#include "cli/working_directory.h"
#include "runtime/application.h"
#include "trigger/http/http_trigger.h"
#include "trigger/redis/redis_service.h"

namespace spindle::cli {

// Of guests and servers, from any thread.
void report(const std::string& text);

// With its files below `working`; nothing in it is refused later for what this program lacks.
Result<app::LockedApp> load_application(const UpOptions& options,
                                        const std::filesystem::path& source,
                                        const WorkingDirectory& working);

class PreparedApp {
 public:
  // Where another one was served before, what is done once (initial data, messages) is left out and
  // its engine is shared. `previous` may be null.
  static Result<std::shared_ptr<PreparedApp>> create(const UpOptions& options,
                                                     const std::filesystem::path& source,
                                                     const PreparedApp* previous);
  // Keeps the application alive.
  static Served served(const std::shared_ptr<PreparedApp>& app);

  runtime::Application& application() { return *application_; }
  const trigger::HttpService* http() const { return http_.get(); }
  const trigger::RedisService* redis() const { return redis_.get(); }

 private:
  explicit PreparedApp(WorkingDirectory working) : working_(std::move(working)) {}
  Result<void> make_services(const UpOptions& options);

  WorkingDirectory working_;
  // Providers of variables ask it.
  const app::ProcessEnvironment environment_;
  std::unique_ptr<runtime::Application> application_;
  std::unique_ptr<trigger::RedisService> redis_;
  std::unique_ptr<trigger::HttpService> http_;
};

// Event loops that serve.
unsigned loop_count(const UpOptions& options);

}  // namespace spindle::cli
