#pragma once

// PreparedComponent: a component made ready to instantiate: decoded, validated, planned, its
// imports bound to host functions, its core modules compiled. Immutable and shared between threads;
// live instances keep it alive.
//
//   auto prepared = TRY(PreparedComponent::create(engine, bytes, registry));
//   for (const HostInterface* interface : prepared->interfaces()) ...   // whom create() must serve
//   auto exported = prepared->find_function("wasi:http/incoming-handler@0.2.0", "handle");
//
// Core modules that import nothing but trampolines are pre-linked; the others are instantiated with
// the exports of their siblings, found by name.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "component/plan/host_registry.h"
#include "component/plan/plan.h"
#include "component/validate/validate.h"
#include "wasm/code_cache.h"
#include "wasm/host_function.h"
#include "wasm/linker.h"
#include "wasm/module.h"

namespace spindle::component {

enum class Fusing : uint8_t {
  On,   // one core module where possible
  Off,  // module by module, for diagnosis: behaves the same
};

struct PrepareOptions {
  Fusing fusing = Fusing::On;
  // Where compiled code is kept; nothing: compiled each time.
  wasm::CodeCache* cache = nullptr;
  ValidationFeatures features;
};

// What a trampoline calls, resolved.
struct TrampolineCode {
  const Trampoline* plan = nullptr;
  const HostFunction* host = nullptr;  // of a HostCall; absent where nobody offers it
  uint32_t interface = 0;              // index into interfaces()
  // Of a function that may wait: its number in the glue module, whose `start` and `finish` follow.
  std::optional<uint32_t> glue;
};

// A core module to instantiate.
struct PreparedStep {
  std::optional<wasm::InstancePre> pre;
  const wasm::Module* module = nullptr;
  // In the order of the module's imports.
  std::vector<CoreItem> imports;
  std::optional<std::string> start;
};

class PreparedComponent {
 public:
  // `registry` and the tables it names outlive the result.
  static Result<std::shared_ptr<const PreparedComponent>> create(
      std::shared_ptr<const wasm::Engine> engine, std::span<const uint8_t> bytes,
      const HostRegistry& registry, const PrepareOptions& options = {});
  ~PreparedComponent();

  const InstantiationPlan& plan() const { return plan_; }
  const std::shared_ptr<const wasm::Engine>& engine() const { return engine_; }
  // The host interfaces that the component imports; instances name an implementation of each.
  std::span<const HostInterface* const> interfaces() const { return interfaces_; }

  // An export of the component: `interface` is an exported instance, or empty for a function of the
  // root. The exact name first, then one of the same compatibility track.
  std::optional<LiftIndex> find_function(std::string_view interface, std::string_view name) const;
  std::optional<ResourceIndex> find_resource(std::string_view interface,
                                             std::string_view name) const;
  // Instantiating runs guest code: a core module has a start function.
  bool has_start() const;
  // Names of the exported instances and functions, for messages and routing.
  std::vector<std::string> export_names() const;

 private:
  friend class ComponentInstance;
  PreparedComponent() = default;
  void bind_interfaces(const HostRegistry& registry);
  void bind_resources(const HostRegistry& registry);
  Result<void> compile_modules(const HostRegistry& registry, const PrepareOptions& options);
  void make_trampolines(const HostRegistry& registry);
  Result<void> make_glue();
  Result<void> make_steps();
  Result<wasm::InstancePre> prelink(const wasm::Module& module, std::span<const CoreItem> imports);

  std::shared_ptr<const wasm::Engine> engine_;
  InstantiationPlan plan_;
  std::vector<const HostInterface*> interfaces_;
  // Per resource of the plan; nothing for a guest's.
  std::vector<const ResourceType*> host_resources_;
  std::vector<std::unique_ptr<ResourceType>> stub_resources_;
  std::vector<wasm::Module> modules_;
  std::vector<PreparedStep> steps_;
  // Per trampoline.
  std::vector<TrampolineCode> code_;
  std::vector<std::unique_ptr<wasm::HostFunction>> functions_;
  // Glue: the module, and start and finish of each of its functions.
  std::optional<wasm::Module> glue_;
  std::vector<std::unique_ptr<wasm::HostFunction>> glue_functions_;
};

}  // namespace spindle::component
