#include "component/runtime/unfused_code.h"

#include <algorithm>
#include <array>

#include "component/fuse/glue_module.h"
#include "component/plan/core_imports.h"

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

std::unique_ptr<wasm::HostFunction> host_function(const PlannedSignature& signature,
                                                  wasm::HostCallback callback,
                                                  const TrampolineCode& code) {
  // Environments are only read.
  return std::make_unique<wasm::HostFunction>(core_type(signature), callback,
                                              const_cast<TrampolineCode*>(&code));
}

}  // namespace

Result<std::unique_ptr<const UnfusedCode>> UnfusedCode::create(
    std::shared_ptr<const wasm::Engine> engine, const InstantiationPlan& plan,
    std::span<const std::span<const uint8_t>> modules, std::span<const TrampolineCode> code,
    wasm::CodeCache* cache) {
  std::unique_ptr<UnfusedCode> made(new UnfusedCode());
  made->modules_.reserve(modules.size());
  for (std::span<const uint8_t> bytes : modules) {
    wasm::Module compiled = TRY(cache != nullptr ? cache->compile(engine, bytes)
                                                 : wasm::Module::compile(engine, bytes));
    made->modules_.push_back(std::move(compiled));
  }
  for (const TrampolineCode& trampoline : code) {
    made->functions_.push_back(
        host_function(trampoline.plan->signature, &call_trampoline, trampoline));
  }
  TRY(made->make_glue(engine, code));
  TRY(made->make_steps(plan, code));
  return std::unique_ptr<const UnfusedCode>(std::move(made));
}

Result<void> UnfusedCode::make_glue(const std::shared_ptr<const wasm::Engine>& engine,
                                    std::span<const TrampolineCode> code) {
  std::vector<PlannedSignature> signatures;
  for (const TrampolineCode& trampoline : code) {
    if (!trampoline.glue) continue;
    const PlannedSignature& whole = trampoline.plan->signature;
    signatures.push_back(whole);
    const PlannedSignature start{whole.params, {FlatType::I32}};
    glue_functions_.push_back(host_function(start, &call_start, trampoline));
    glue_functions_.push_back(host_function(whole, &call_finish, trampoline));
  }
  if (signatures.empty()) return {};
  glue_ = TRY(wasm::Module::compile(engine, encode_glue_module(signatures, GlueSuspend::Imported)));
  return {};
}

Result<wasm::InstancePre> UnfusedCode::prelink(const wasm::Module& module,
                                               std::span<const CoreItem> imports) {
  wasm::Linker linker(module.engine());
  for (size_t i = 0; i < imports.size(); ++i) {
    const wasm::ImportType& import = module.imports()[i];
    const auto index = std::get<TrampolineIndex>(imports[i]);
    TRY(linker.define(import.module, import.name, trampoline(index)));
  }
  return linker.prepare(module);
}

Result<void> UnfusedCode::make_steps(const InstantiationPlan& plan,
                                     std::span<const TrampolineCode> code) {
  for (const InstantiationStep& planned : plan.steps) {
    const wasm::Module& module = modules_[planned.module.value];
    UnfusedStep& step = steps_.emplace_back();
    step.module = &module;
    for (const wasm::ImportType& import : module.imports()) {
      CoreItem item = TRY(core_import(planned, import.module, import.name));
      step.imports.push_back(std::move(item));
    }
    const bool only_trampolines = std::ranges::all_of(step.imports, [&](const CoreItem& item) {
      const auto* index = std::get_if<TrampolineIndex>(&item);
      return index != nullptr && !code[index->value].glue;
    });
    if (only_trampolines) step.pre = TRY(prelink(module, step.imports));
    if (auto start = module.start_export()) step.start = std::string(*start);
  }
  return {};
}

bool UnfusedCode::has_start() const {
  return std::ranges::any_of(steps_, [](const UnfusedStep& step) { return !!step.start; });
}

}  // namespace spindle::component
