#include "component/runtime/prepared.h"

#include <algorithm>

#include <fmt/format.h>

#include "component/abi/transfer_ids.h"
#include "component/async/built_ins.h"
#include "component/binary/decode.h"
#include "component/plan/planner.h"
#include "component/runtime/instance.h"

namespace spindle::component {
namespace {

template <typename Item>
std::optional<Item> as(const PlannedExport* exported) {
  if (exported == nullptr) return std::nullopt;
  const auto* item = std::get_if<Item>(&exported->item);
  return item == nullptr ? std::nullopt : std::optional<Item>(*item);
}

// The exported instance that `name` means: exactly, or of the same compatibility track.
const PlannedInstance* find_instance(const PlannedInstance& root, std::string_view name) {
  using Shared = std::shared_ptr<const PlannedInstance>;
  if (auto found = root.find(name); found != root.end()) {
    const auto* instance = std::get_if<Shared>(&found->second.item);
    return instance == nullptr ? nullptr : instance->get();
  }
  const std::string track = track_name(name);
  for (const auto& [other, exported] : root) {
    const auto* instance = std::get_if<Shared>(&exported.item);
    if (instance != nullptr && track_name(other) == track) return instance->get();
  }
  return nullptr;
}

const PlannedExport* find_export(const PlannedInstance& root, std::string_view interface,
                                 std::string_view name) {
  const PlannedInstance* instance = interface.empty() ? &root : find_instance(root, interface);
  if (instance == nullptr) return nullptr;
  auto found = instance->find(name);
  return found == instance->end() ? nullptr : &found->second;
}

}  // namespace

PreparedComponent::~PreparedComponent() = default;

Result<std::shared_ptr<const PreparedComponent>> PreparedComponent::create(
    std::shared_ptr<const wasm::Engine> engine, std::span<const uint8_t> bytes,
    const HostRegistry& registry, const PrepareOptions& options) {
  std::shared_ptr<PreparedComponent> made(new PreparedComponent());
  made->engine_ = std::move(engine);
  const Component component = TRY(decode_component(SharedBytes::borrow(bytes)));
  TRY(validate(component, options.features));
  made->plan_ = TRY(plan_instantiation(component, registry));
  made->bind_interfaces(registry);
  made->bind_resources(registry);
  made->uses_async_ = std::ranges::any_of(
      made->plan_.lifts, [](const PlannedLift& lift) { return lift.type.is_async; });
  TRY(made->resolve_trampolines(registry));
  TRY(made->compile(bytes, registry, options));
  // The bytes may go away now.
  for (PlannedModule& module : made->plan_.modules) module.bytes = {};
  return std::shared_ptr<const PreparedComponent>(std::move(made));
}

void PreparedComponent::bind_interfaces(const HostRegistry& registry) {
  for (HostImport& import : plan_.host_imports) {
    if (!import.binding) continue;
    const HostInterface* interface = &registry.interface(*import.binding);
    if (std::ranges::find(interfaces_, interface) == interfaces_.end()) {
      interfaces_.push_back(interface);
    }
  }
}

void PreparedComponent::bind_resources(const HostRegistry& registry) {
  for (const PlannedResource& resource : plan_.resources) {
    const ResourceType* type = nullptr;
    if (!resource.owner) {
      if (auto interface = registry.find_interface(resource.interface_name)) {
        type = registry.find_resource(*interface, resource.name);
      }
    }
    if (type == nullptr) {
      const auto origin = resource.owner ? ResourceType::Origin::Guest : ResourceType::Origin::Host;
      own_types_.push_back(std::make_unique<ResourceType>(resource.name, origin));
      type = own_types_.back().get();
    }
    resource_types_.push_back(type);
  }
}

Result<void> PreparedComponent::resolve_trampolines(const HostRegistry& registry) {
  // Environments are addresses of elements: reserved, then filled.
  code_.reserve(plan_.trampolines.size());
  uint32_t waiting = 0;
  for (const Trampoline& trampoline : plan_.trampolines) {
    TrampolineCode& code = code_.emplace_back();
    code.plan = &trampoline;
    if (trampoline.kind == TrampolineKind::BuiltIn) {
      code.built_in = find_built_in(static_cast<CanonOp>(trampoline.opcode));
      if (may_wait(trampoline)) code.glue = waiting++;
      uses_async_ = true;
    }
    if (trampoline.kind == TrampolineKind::GuestCall) {
      const bool is_async = plan_.lifts[trampoline.lift.value].type.is_async;
      if (is_async && !trampoline.options.is_async) code.glue = waiting++;
    }
    if (trampoline.kind != TrampolineKind::HostCall) continue;
    HostImport& import = plan_.host_imports[trampoline.host_import.value];
    if (import.binding) {
      const HostInterface* interface = &registry.interface(*import.binding);
      code.interface =
          static_cast<uint32_t>(std::ranges::find(interfaces_, interface) - interfaces_.begin());
      code.host = registry.find_function(*import.binding, import.function_name);
    }
    uses_async_ = uses_async_ || import.type.is_async;
    if (code.host == nullptr) continue;
    import.transfers = TRY(match_transfers(code.host->transfers, import.type));
    if (code.host->may_wait() && !trampoline.options.is_async) code.glue = waiting++;
  }
  return {};
}

Result<std::vector<std::span<const uint8_t>>> PreparedComponent::module_bytes(
    const HostRegistry& registry) const {
  std::vector<std::span<const uint8_t>> modules;
  for (const PlannedModule& module : plan_.modules) {
    if (module.host_name.empty()) {
      modules.push_back(module.bytes);
      continue;
    }
    const HostModule* offered = registry.find_module(module.host_name);
    if (offered == nullptr) {
      return Error::not_found(fmt::format("no core module `{}`", module.host_name));
    }
    modules.emplace_back(offered->bytes);
  }
  return modules;
}

Result<void> PreparedComponent::compile(std::span<const uint8_t> component,
                                        const HostRegistry& registry,
                                        const PrepareOptions& options) {
  const auto modules = TRY(module_bytes(registry));
  not_fused_because_ = "fusing is switched off";
  if (options.fusing == Fusing::On) {
    auto fused = FusedCode::create(engine_, {plan_, modules, component, code_}, options.cache);
    if (fused) {
      fused_ = fused.take_value();
      not_fused_because_.clear();
      return {};
    }
    // Whatever is wrong with the modules themselves is said about each below.
    not_fused_because_ = fused.error().to_string();
  }
  unfused_ = TRY(UnfusedCode::create(engine_, plan_, modules, code_, options.cache));
  return {};
}

bool PreparedComponent::has_start() const {
  return fused_ ? fused_->start().has_value() : unfused_->has_start();
}

std::optional<LiftIndex> PreparedComponent::find_function(std::string_view interface,
                                                          std::string_view name) const {
  return as<LiftIndex>(find_export(plan_.exports, interface, name));
}

std::optional<ResourceIndex> PreparedComponent::find_resource(std::string_view interface,
                                                              std::string_view name) const {
  return as<ResourceIndex>(find_export(plan_.exports, interface, name));
}

std::vector<std::string> PreparedComponent::export_names() const {
  std::vector<std::string> names;
  for (const auto& [name, exported] : plan_.exports) names.push_back(name);
  return names;
}

}  // namespace spindle::component
