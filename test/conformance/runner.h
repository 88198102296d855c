#pragma once

// Runs the commands of a script as the suites' own runner does: each component instance has a store
// of its own, "current" is the latest instance, and what a failure says is compared apart from
// whether it failed.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "component/runtime/instance.h"
#include "helper_host.h"
#include "script.h"

namespace spindle::conformance {

struct Outcome {
  // Why the command failed; nothing when it passed.
  std::optional<std::string> failure;
  // The command passed, but its message was another.
  std::optional<std::string> other_text;
};

class ScriptRun {
 public:
  ScriptRun(std::shared_ptr<const wasm::Engine> engine, const Script& script,
            component::Fusing fusing = component::Fusing::On);
  Outcome run(const Command& command);

 private:
  struct Running {
    explicit Running(io::EventLoop& its_loop) : loop(its_loop) {}
    ~Running();
    io::EventLoop& loop;
    std::unique_ptr<HelperHost> host;
    std::unique_ptr<component::ComponentInstance> instance;
  };
  // What a named instance offers to later components: its resource types.
  struct OfferedInstance {
    std::string name;
    std::vector<std::unique_ptr<component::ResourceType>> types;
    std::vector<std::unique_ptr<std::string>> names;
    std::vector<component::HostResourceExport> resources;
    component::HostInterface interface;
  };
  using Prepared = std::shared_ptr<const component::PreparedComponent>;

  Result<Prepared> prepare(const Command& command, const component::HostRegistry& registry);
  Result<std::shared_ptr<Running>> instantiate(Prepared prepared);
  Result<void> define(const Command& command);
  Result<void> instantiate_named(const Command& command);
  Result<void> offer_exports(const Command& command, const std::string& name);
  Result<std::optional<component::DynamicValue>> invoke(const Action& action,
                                                        const component::FunctionType*& type);
  // Of a component that uses the async ABI: until the task is done, or nothing can go on.
  Result<std::optional<component::DynamicValue>> run_tasks(
      component::ComponentInstance& instance, component::LiftIndex function,
      std::span<const component::DynamicValue> args);
  Outcome expect_failure(const Command& command);
  Outcome expect_return(const Command& command);
  Outcome expect_trap(const Command& command);

  std::shared_ptr<const wasm::Engine> engine_;
  io::EventLoop loop_;
  const Script& script_;
  component::Fusing fusing_;
  std::vector<std::unique_ptr<OfferedInstance>> offered_;
  component::HostRegistry registry_;
  component::HostRegistry accept_all_{component::HostRegistry::Missing::TrapWhenCalled};
  component::ValidationFeatures features_;
  std::map<std::string, Command> definitions_;
  std::optional<Command> last_definition_;
  std::map<std::string, std::shared_ptr<Running>> instances_;
  std::shared_ptr<Running> current_;
};

}  // namespace spindle::conformance
