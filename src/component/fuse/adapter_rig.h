#pragma once

// AdapterRig: a component whose guest calls go through its adapter module, without fusing. For
// tests and benchmarks of adapters alone; the same component unfused is what to compare with.
//
// The core instances are made one by one, as ComponentInstance does. Adapters need items of
// instances that come later than their callers, so those import a shim, which calls through a table
// that is filled with the adapter's functions in the end. The host does not know the flags of
// frames.

#include <memory>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "component/binary/decode.h"
#include "component/fuse/adapter_module.h"
#include "component/plan/planner.h"
#include "component/runtime/adapter_helpers.h"
#include "component/runtime/instance.h"

namespace spindle::component {

class AdapterRig {
 public:
  static Result<std::unique_ptr<AdapterRig>> create(std::shared_ptr<const wasm::Engine> engine,
                                                    std::span<const uint8_t> bytes);

  // Of the bytes of a component.
  static Result<AdapterModule> adapters_of(std::span<const uint8_t> bytes,
                                           const AdapterLimits& limits = {});

  // The instance, and another in its place.
  ComponentInstance& instance() { return *instance_; }
  Result<void> renew();
  const AdapterModule& adapters() const { return adapters_; }

 private:
  AdapterRig() = default;
  Result<void> prepare();
  Result<void> make_shim();
  Result<void> make_instances();
  Result<void> make_adapters();

  std::shared_ptr<const PreparedComponent> prepared_;
  AdapterModule adapters_;
  std::optional<wasm::Module> shim_;
  std::optional<wasm::Module> adapter_;
  std::vector<std::unique_ptr<wasm::HostFunction>> helpers_;
  std::unique_ptr<ComponentInstance> instance_;
  std::optional<wasm::Table> table_;
};

namespace rig_detail {

inline std::string_view name_of(FlatType type) {
  constexpr std::array<std::string_view, 4> kNames{"i32", "i64", "f32", "f64"};
  return kNames[static_cast<size_t>(type)];
}

inline std::string text_of(const PlannedSignature& signature) {
  std::string text;
  for (FlatType type : signature.params) text += fmt::format("(param {})", name_of(type));
  for (FlatType type : signature.results) text += fmt::format("(result {})", name_of(type));
  return text;
}

// One function for each covered trampoline, named as the adapter's.
inline std::string shim_text(const InstantiationPlan& plan, const AdapterModule& adapters) {
  std::string text = fmt::format("(module (table (export \"t\") {} funcref)",
                                 std::max<size_t>(adapters.functions.size(), 1));
  uint32_t slot = 0;
  for (const auto& [index, name] : adapters.functions) {
    const PlannedSignature& signature = plan.trampolines[index.value].signature;
    text += fmt::format("(func (export \"{}\") {}", name, text_of(signature));
    for (size_t i = 0; i < signature.params.size(); ++i) text += fmt::format("(local.get {})", i);
    text += fmt::format("(call_indirect {} (i32.const {})))", text_of(signature), slot++);
  }
  return text + ")";
}

}  // namespace rig_detail

inline Result<AdapterModule> AdapterRig::adapters_of(std::span<const uint8_t> bytes,
                                                     const AdapterLimits& limits) {
  const Component component = TRY(decode_component(SharedBytes::borrow(bytes)));
  TRY(validate(component));
  const InstantiationPlan plan = TRY(plan_instantiation(component, HostRegistry()));
  return make_adapter_module(plan, limits);
}

inline Result<std::unique_ptr<AdapterRig>> AdapterRig::create(
    std::shared_ptr<const wasm::Engine> engine, std::span<const uint8_t> bytes) {
  std::unique_ptr<AdapterRig> rig(new AdapterRig());
  rig->adapters_ = TRY(adapters_of(bytes));
  rig->prepared_ = TRY(PreparedComponent::create(std::move(engine), bytes, HostRegistry()));
  TRY(rig->prepare());
  TRY(rig->renew());
  return rig;
}

inline Result<void> AdapterRig::prepare() {
  const std::vector<uint8_t> bytes =
      TRY(wasm::wat2wasm(rig_detail::shim_text(prepared_->plan(), adapters_)));
  shim_ = TRY(wasm::Module::compile(prepared_->engine(), bytes));
  if (adapters_.bytes.empty()) return {};
  adapter_ = TRY(wasm::Module::compile(prepared_->engine(), adapters_.bytes));
  for (const AdapterImport& import : adapters_.imports) {
    const auto* helper = std::get_if<AdapterHelperImport>(&import);
    if (helper != nullptr) helpers_.push_back(adapter_helper_function(*helper));
  }
  return {};
}

inline Result<void> AdapterRig::renew() {
  instance_.reset(new ComponentInstance(prepared_, {}));
  TRY(make_shim());
  TRY(make_instances());
  return make_adapters();
}

inline Result<void> AdapterRig::make_shim() {
  wasm::Store& store = instance_->store_;
  const wasm::Instance shim = TRY(store.instantiate(*shim_, {}));
  table_ = shim.find_export(store, "t")->table();
  for (const auto& [index, name] : adapters_.functions) {
    instance_->trampolines_[index.value] = shim.find_func(store, name);
  }
  return {};
}

inline Result<void> AdapterRig::make_instances() {
  wasm::Store& store = instance_->store_;
  for (const PreparedStep& step : prepared_->steps_) {
    std::vector<wasm::Extern> imports;
    for (const CoreItem& item : step.imports) {
      wasm::Extern import = TRY(instance_->find(item));
      imports.push_back(import);
    }
    const wasm::Instance made = TRY(store.instantiate(*step.module, imports));
    instance_->core_instances_.push_back(made);
    if (step.start) TRY(store.call(*made.find_func(store, *step.start), {}));
  }
  return {};
}

inline Result<void> AdapterRig::make_adapters() {
  if (!adapter_) return {};
  wasm::Store& store = instance_->store_;
  auto next_helper = helpers_.begin();
  std::vector<wasm::Extern> imports;
  for (const AdapterImport& import : adapters_.imports) {
    if (std::holds_alternative<AdapterHelperImport>(import)) {
      imports.emplace_back(store.define(**next_helper++));
      continue;
    }
    const auto* memory = std::get_if<AdapterMemory>(&import);
    wasm::Extern item =
        TRY(instance_->find(memory ? CoreItem(memory->memory) : std::get<CoreItem>(import)));
    imports.push_back(item);
  }
  const wasm::Instance adapter = TRY(store.instantiate(*adapter_, imports));
  uint64_t slot = 0;
  for (const auto& [index, name] : adapters_.functions) {
    TRY(table_->set(store, slot++, adapter.find_func(store, name)));
  }
  return {};
}

}  // namespace spindle::component
