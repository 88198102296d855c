#pragma once

// Application: a LockedApp made ready: its components compiled and bound to the host, its stores
// and variables in place. Made once, before anything is served; immutable afterwards.
//
//   auto application = TRY(Application::create(locked, options, progress));
//   const GuestComponent* cart = application->find_component("cart");
//
// Only components that a trigger names are prepared: one that nothing runs may import what it
// likes.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/locked_app.h"
#include "app/runtime_config.h"
#include "app/variables.h"
#include "host/registry.h"
#include "io/blocking_pool.h"
#include "runtime/guest_component.h"
#include "runtime/limits.h"
#include "wasm/code_cache.h"
#include "wasm/engine.h"

namespace spindle::runtime {

enum class Caching : uint8_t { On, Off };

struct OutputOptions {
  // Empty: no log files.
  std::string log_directory;
  bool truncate = false;
  // Whether a component's output is also copied to standard error.
  std::function<bool(const std::string& component)> follows;
};

struct ApplicationOptions {
  InstanceLimits limits;
  wasm::EngineOptions engine;
  Caching caching = Caching::On;
  component::Fusing fusing = component::Fusing::On;
  wasi::Access mount_access = wasi::Access::ReadOnly;
  OutputOptions output;
  // Empty: stores are in memory.
  std::string state_directory;
  app::RuntimeConfig config;
  app::VariableProviders providers;
};

// Told which component is being compiled, and when it is done.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void compiling(const std::string& component, size_t number, size_t count) = 0;
  // Something that only matters for diagnosis.
  virtual void note(const std::string& component, const std::string& text) = 0;
  virtual void done() = 0;
};

class Application {
 public:
  static Result<std::unique_ptr<Application>> create(app::LockedApp locked,
                                                     ApplicationOptions options,
                                                     Progress& progress);

  const app::LockedApp& locked() const { return locked_; }
  // Nothing for a component that no trigger names.
  const GuestComponent* find_component(std::string_view id) const;
  const wasm::Engine& engine() const { return *engine_; }
  const Shared& shared() const { return shared_; }
  host::KeyValueStores& key_value_stores() { return *key_value_; }

 private:
  explicit Application(app::LockedApp locked) : locked_(std::move(locked)) {}
  void open_stores(const ApplicationOptions& options);
  Result<void> make_resolver(app::VariableProviders providers);
  Result<void> prepare(const ApplicationOptions& options, Progress& progress);
  Result<std::unique_ptr<GuestComponent>> prepare_component(const app::LockedComponent& component,
                                                            const ApplicationOptions& options);
  Result<wasi::GuestEnvironment> make_environment(const app::LockedComponent& component,
                                                  const ApplicationOptions& options) const;

  app::LockedApp locked_;
  std::shared_ptr<const wasm::Engine> engine_;
  std::unique_ptr<wasm::CodeCache> cache_;
  component::HostRegistry registry_ = host_registry();
  component::HostRegistry composition_registry_ = composition_registry();
  Shared shared_;
  std::unique_ptr<io::BlockingPool> pool_;
  std::unique_ptr<host::KeyValueStores> key_value_;
  std::optional<app::Resolver> resolver_;
  std::map<std::string, std::unique_ptr<GuestComponent>, std::less<>> components_;
};

}  // namespace spindle::runtime
