#pragma once

// PreparedComponent: a component made ready to instantiate: decoded, validated, planned, its
// imports bound to host functions, its core modules compiled. Immutable and shared between threads;
// live instances keep it alive.
//
//   auto prepared = TRY(PreparedComponent::create(engine, bytes, registry));
//   for (const HostInterface* interface : prepared->interfaces()) ...   // whom create() must serve
//   auto exported = prepared->find_function("wasi:http/incoming-handler@0.2.0", "handle");
//
// Its core modules are fused into one (fuse/fuse.h) where that can be done; why not, where it
// cannot, is not_fused_because().

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "component/plan/host_registry.h"
#include "component/plan/plan.h"
#include "component/runtime/fused_code.h"
#include "component/runtime/trampolines.h"
#include "component/runtime/unfused_code.h"
#include "component/validate/validate.h"
#include "wasm/code_cache.h"

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
  // Something of the async ABI: an asynchronous function, a built-in.
  bool uses_async() const { return uses_async_; }
  // Names of the exported instances and functions, for messages and routing.
  std::vector<std::string> export_names() const;

  bool is_fused() const { return fused_ != nullptr; }
  // For diagnosis; empty where it is fused.
  const std::string& not_fused_because() const { return not_fused_because_; }

 private:
  friend class ComponentInstance;
  PreparedComponent() = default;
  void bind_interfaces(const HostRegistry& registry);
  void bind_resources(const HostRegistry& registry);
  Result<void> resolve_trampolines(const HostRegistry& registry);
  Result<void> compile(std::span<const uint8_t> component, const HostRegistry& registry,
                       const PrepareOptions& options);
  Result<std::vector<std::span<const uint8_t>>> module_bytes(const HostRegistry& registry) const;

  std::shared_ptr<const wasm::Engine> engine_;
  InstantiationPlan plan_;
  std::vector<const HostInterface*> interfaces_;
  // Per resource of the plan.
  std::vector<const ResourceType*> resource_types_;
  // Those of guests, and those that nobody offers.
  std::vector<std::unique_ptr<ResourceType>> own_types_;
  // Per trampoline.
  std::vector<TrampolineCode> code_;
  // One of the two.
  std::unique_ptr<const FusedCode> fused_;
  std::unique_ptr<const UnfusedCode> unfused_;
  std::string not_fused_because_;
  bool uses_async_ = false;
};

}  // namespace spindle::component
