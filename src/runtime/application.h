#pragma once

// Application: a LockedApp made ready: its components compiled and bound to the host, its stores
// and variables in place. Made once, before anything is served.
//
//   auto application = TRY(Application::create(locked, options, progress));
//   const GuestComponent* cart = application->find_component("cart");
//
// Only components that a trigger, or a late import of such a component, names are prepared: one
// that nothing runs may import what it likes. Everything is immutable afterwards but the candidates
// of late imports, which reload_candidates() replaces while requests run.

#include <filesystem>
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
#include "host/outbound/connection_limits.h"
#include "host/outbound/guest_sockets.h"
#include "io/blocking_pool.h"
#include "runtime/guest_component.h"
#include "runtime/host_interfaces.h"
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
  // Of another application of this process, in the place of one of its own.
  std::shared_ptr<const wasm::Engine> shared_engine;
  Caching caching = Caching::On;
  component::Fusing fusing = component::Fusing::On;
  wasi::Access mount_access = wasi::Access::ReadOnly;
  OutputOptions output;
  // Empty: stores are in memory.
  std::string state_directory;
  app::RuntimeConfig config;
  app::VariableProviders providers;
  // Told what components may not reach, from any thread.
  host::DenialReport report_denial;
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

// Told what became of changed candidates.
class CandidateNews {
 public:
  virtual ~CandidateNews() = default;
  virtual void replaced(const std::string& component) = 0;
  virtual void kept(const std::string& component, const Error& reason) = 0;
};

class Application {
 public:
  static Result<std::unique_ptr<Application>> create(app::LockedApp locked,
                                                     ApplicationOptions options,
                                                     Progress& progress);

  const app::LockedApp& locked() const { return locked_; }
  // What triggers run. Nothing for a component that nothing names.
  const GuestComponent* find_component(std::string_view id) const;
  const wasm::Engine& engine() const { return *engine_; }
  std::shared_ptr<const wasm::Engine> share_engine() const { return engine_; }
  const host::KeyValueStores& key_value_stores() const { return *key_value_; }
  const host::SqliteDatabases& sqlite_databases() const { return *sqlite_; }
  // What outbound requests of every thread are held to, and where names are looked up.
  const app::OutboundConfig& outbound() const { return outbound_; }
  const host::ClientTls& client_tls() const { return *client_tls_; }
  host::ConnectionLimits& connection_limits() const { return *connection_limits_; }
  // For templates outside of components, such as those of triggers.
  const app::Resolver& resolver() const { return *resolver_; }
  io::BlockingPool& blocking_pool() const { return *pool_; }
  io::BlockingPool& name_lookups() const { return *name_lookups_; }

  bool has_candidates() const { return !candidates_.empty(); }
  // Prepares the candidates of late imports whose files have changed, and lets requests that begin
  // from now on see them. A file that cannot be used leaves the old component in its place.
  // One thread at a time.
  void reload_candidates(CandidateNews& news);

 private:
  using SharedComponent = std::shared_ptr<const GuestComponent>;
  // A file as it was when it was read.
  struct FileState {
    std::filesystem::file_time_type time;
    uintmax_t size = 0;
    friend bool operator==(const FileState&, const FileState&) = default;
  };
  // A component that late imports name, by id; a path for a file.
  struct LateComponent {
    app::LockedComponent locked;
    FileState file;
    SharedComponent current;
  };
  // From the component that a trigger runs to the one that is being prepared.
  using Chain = std::vector<std::string>;

  explicit Application(app::LockedApp locked) : locked_(std::move(locked)) {}
  void open_stores(const ApplicationOptions& options);
  Result<void> make_resolver(app::VariableProviders providers);
  Result<void> prepare(Progress& progress);
  Result<std::unique_ptr<GuestComponent>> prepare_component(const app::LockedComponent& component);
  Result<wasi::GuestEnvironment> make_environment(const app::LockedComponent& component) const;
  // --- late_loader.cpp ---
  // Gives a prepared component its candidates, preparing those that are not yet.
  Result<void> link(GuestComponent& component, Chain& chain);
  Result<SharedComponent> prepare_candidate(const GuestComponent& importer,
                                            const app::LateCandidate& candidate, Chain& chain);
  Result<app::LockedComponent> locked_candidate(const GuestComponent& importer,
                                                const app::LateCandidate& candidate) const;
  Result<void> reload(LateComponent& changed);
  Result<void> replace(const SharedComponent& old, const SharedComponent& next);
  static Result<FileState> file_state(const app::LockedComponent& component);

  app::LockedApp locked_;
  // How components are made: limits, mounts, output.
  InstanceLimits limits_;
  component::Fusing fusing_ = component::Fusing::On;
  wasi::Access mount_access_ = wasi::Access::ReadOnly;
  OutputOptions output_;
  std::shared_ptr<const wasm::Engine> engine_;
  std::unique_ptr<wasm::CodeCache> cache_;
  component::HostRegistry registry_ = host_registry();
  component::HostRegistry composition_registry_ = composition_registry();
  std::unique_ptr<io::BlockingPool> pool_;
  // Apart, since a lookup may take many seconds.
  std::unique_ptr<io::BlockingPool> name_lookups_;
  app::OutboundConfig outbound_;
  std::unique_ptr<host::ClientTls> client_tls_;
  std::shared_ptr<host::ConnectionLimits> connection_limits_;
  host::DenialReport report_denial_;
  std::unique_ptr<host::KeyValueStores> key_value_;
  std::unique_ptr<host::SqliteDatabases> sqlite_;
  std::optional<app::LlmComputeConfig> llm_;
  std::optional<app::Resolver> resolver_;
  std::map<std::string, SharedComponent, std::less<>> components_;
  std::map<std::string, LateComponent, std::less<>> candidates_;
};

}  // namespace spindle::runtime
