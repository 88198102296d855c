#include "component/runtime/prepared.h"

#include <algorithm>

#include <fmt/format.h>

#include "component/binary/decode.h"
#include "component/plan/planner.h"
#include "component/runtime/glue_module.h"
#include "component/runtime/instance.h"

namespace spindle::component {
namespace {

std::vector<wasm::ValueType> core_types(std::span<const FlatType> flat) {
  std::vector<wasm::ValueType> types;
  types.reserve(flat.size());
  for (FlatType type : flat) {
    constexpr std::array kTypes{wasm::ValueType::I32, wasm::ValueType::I64, wasm::ValueType::F32,
                                wasm::ValueType::F64};
    types.push_back(kTypes[static_cast<size_t>(type)]);
  }
  return types;
}

wasm::FunctionType core_type(const PlannedSignature& signature) {
  return {core_types(signature.params), core_types(signature.results)};
}

Result<void> call_trampoline(void* env, wasm::Caller& caller, std::span<wasm::RawValue> cells) {
  return caller.data<ComponentInstance>().run_trampoline(*static_cast<const TrampolineCode*>(env),
                                                         cells);
}
Result<void> call_start(void* env, wasm::Caller& caller, std::span<wasm::RawValue> cells) {
  return caller.data<ComponentInstance>().start_host_call(*static_cast<const TrampolineCode*>(env),
                                                          cells);
}
Result<void> call_finish(void* env, wasm::Caller& caller, std::span<wasm::RawValue> cells) {
  return caller.data<ComponentInstance>().finish_host_call(*static_cast<const TrampolineCode*>(env),
                                                           cells);
}

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

// What each import of the module is, in the order of its import section.
Result<std::vector<CoreItem>> resolve_step(const InstantiationStep& step,
                                           const wasm::Module& module) {
  std::vector<CoreItem> items;
  for (const wasm::ImportType& import : module.imports()) {
    auto source = step.args.find(import.module);
    if (source == step.args.end()) {
      return Error::internal(fmt::format("no instance for core import `{}`", import.module));
    }
    if (const auto* exporter = std::get_if<StepIndex>(&source->second)) {
      items.emplace_back(CoreExport{*exporter, import.name});
      continue;
    }
    const CoreBag& bag = *std::get<std::shared_ptr<const CoreBag>>(source->second);
    auto found = bag.find(import.name);
    if (found == bag.end()) {
      return Error::internal(
          fmt::format("no item for core import `{}` `{}`", import.module, import.name));
    }
    items.push_back(found->second);
  }
  return items;
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
  TRY(made->compile_modules(registry, options));
  made->make_trampolines(registry);
  TRY(made->make_glue());
  TRY(made->make_steps());
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
      if (type == nullptr) {
        stub_resources_.push_back(
            std::make_unique<ResourceType>(resource.name, ResourceType::Origin::Host));
        type = stub_resources_.back().get();
      }
    }
    host_resources_.push_back(type);
  }
}

Result<void> PreparedComponent::compile_modules(const HostRegistry& registry,
                                                const PrepareOptions& options) {
  modules_.reserve(plan_.modules.size());
  for (const PlannedModule& module : plan_.modules) {
    std::span<const uint8_t> bytes = module.bytes;
    if (!module.host_name.empty()) {
      const HostModule* offered = registry.find_module(module.host_name);
      if (offered == nullptr) {
        return Error::not_found(fmt::format("no core module `{}`", module.host_name));
      }
      bytes = offered->bytes;
    }
    wasm::Module compiled = TRY(options.cache != nullptr ? options.cache->compile(engine_, bytes)
                                                         : wasm::Module::compile(engine_, bytes));
    modules_.push_back(std::move(compiled));
  }
  return {};
}

void PreparedComponent::make_trampolines(const HostRegistry& registry) {
  // Environments are addresses of elements: reserved, then filled.
  code_.reserve(plan_.trampolines.size());
  uint32_t waiting = 0;
  for (const Trampoline& trampoline : plan_.trampolines) {
    TrampolineCode& code = code_.emplace_back();
    code.plan = &trampoline;
    if (trampoline.kind == TrampolineKind::HostCall) {
      const HostImport& import = plan_.host_imports[trampoline.host_import.value];
      if (import.binding) {
        const HostInterface* interface = &registry.interface(*import.binding);
        code.interface =
            static_cast<uint32_t>(std::ranges::find(interfaces_, interface) - interfaces_.begin());
        code.host = registry.find_function(*import.binding, import.function_name);
      }
      if (code.host != nullptr && code.host->may_wait()) code.glue = waiting++;
    }
    functions_.push_back(std::make_unique<wasm::HostFunction>(core_type(trampoline.signature),
                                                              &call_trampoline, &code));
  }
}

Result<void> PreparedComponent::make_glue() {
  std::vector<PlannedSignature> signatures;
  for (TrampolineCode& code : code_) {
    if (!code.glue) continue;
    const PlannedSignature& whole = code.plan->signature;
    signatures.push_back(whole);
    const PlannedSignature start{whole.params, {FlatType::I32}};
    glue_functions_.push_back(
        std::make_unique<wasm::HostFunction>(core_type(start), &call_start, &code));
    glue_functions_.push_back(
        std::make_unique<wasm::HostFunction>(core_type(whole), &call_finish, &code));
  }
  if (signatures.empty()) return {};
  glue_ = TRY(wasm::Module::compile(engine_, encode_glue_module(signatures)));
  return {};
}

Result<wasm::InstancePre> PreparedComponent::prelink(const wasm::Module& module,
                                                     std::span<const CoreItem> imports) {
  wasm::Linker linker(engine_);
  for (size_t i = 0; i < imports.size(); ++i) {
    const wasm::ImportType& import = module.imports()[i];
    const auto index = std::get<TrampolineIndex>(imports[i]);
    TRY(linker.define(import.module, import.name, *functions_[index.value]));
  }
  return linker.prepare(module);
}

Result<void> PreparedComponent::make_steps() {
  for (const InstantiationStep& planned : plan_.steps) {
    const wasm::Module& module = modules_[planned.module.value];
    PreparedStep& step = steps_.emplace_back();
    step.module = &module;
    step.imports = TRY(resolve_step(planned, module));
    const bool only_trampolines = std::ranges::all_of(step.imports, [&](const CoreItem& item) {
      const auto* index = std::get_if<TrampolineIndex>(&item);
      return index != nullptr && !code_[index->value].glue;
    });
    if (only_trampolines) step.pre = TRY(prelink(module, step.imports));
    if (auto start = module.start_export()) step.start = std::string(*start);
  }
  return {};
}

bool PreparedComponent::has_start() const {
  return std::ranges::any_of(steps_, [](const PreparedStep& step) { return !!step.start; });
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
