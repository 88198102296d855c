#include "component/runtime/fused_code.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "component/runtime/adapter_helpers.h"
#include "component/runtime/trampolines.h"
#include "wasm/rewrite/merge.h"

namespace spindle::component {

namespace {

// The number of the host function is the last parameter.
Result<void> call_group(void* env, wasm::Caller& caller, std::span<wasm::RawValue> cells) {
  const auto& code = *static_cast<const GroupCode*>(env);
  const uint32_t number = cells[code.params].u32;
  if (number >= code.entries.size()) return Error::internal("no such host function");
  const HostEntry& entry = code.entries[number];
  return entry.callback(entry.env, caller, cells.first(std::max(code.params, code.results)));
}

HostEntry entry_of(const FusedHost& host, std::span<const TrampolineCode> code) {
  // Environments are only read.
  auto* env = const_cast<TrampolineCode*>(&code[host.trampoline.value]);
  switch (host.kind) {
    case FusedHost::Kind::Start: return {&call_start, env};
    case FusedHost::Kind::Finish: return {&call_finish, env};
    case FusedHost::Kind::Trampoline: break;
  }
  return {&call_trampoline, env};
}

Result<uint32_t> host_number(const wasm::ImportType& import) {
  uint32_t number = 0;
  const char* end = import.name.data() + import.name.size();
  const auto parsed = std::from_chars(import.name.data(), end, number);
  if (import.module != wasm::kMergedHostModule || parsed.ec != std::errc() || parsed.ptr != end) {
    return Error::internal(
        fmt::format("a fused module imports `{}` `{}`", import.module, import.name));
  }
  return number;
}

}  // namespace

Result<std::unique_ptr<const FusedCode>> FusedCode::create(
    std::shared_ptr<const wasm::Engine> engine, const FuseRequest& request,
    wasm::CodeCache* cache) {
  std::unique_ptr<FusedCode> made(new FusedCode());
  std::vector<bool> waits;
  for (const TrampolineCode& code : request.code) waits.push_back(code.glue.has_value());
  made->layout_ = TRY(FusedLayout::create(request.plan, waits));
  const wasm::Module module = TRY(made->compile(std::move(engine), request, cache));
  TRY(made->link(module, request.code));
  for (size_t i = 0; i < request.plan.functions.size(); ++i) {
    made->functions_.push_back(fused_function(FunctionSlot(i)));
  }
  for (size_t i = 0; i < request.plan.memories.size(); ++i) {
    made->memories_.push_back(fused_memory(MemorySlot(i)));
  }
  return std::unique_ptr<const FusedCode>(std::move(made));
}

Result<wasm::Module> FusedCode::compile(std::shared_ptr<const wasm::Engine> engine,
                                        const FuseRequest& request, wasm::CodeCache* cache) const {
  const auto make = [&]() -> Result<std::vector<uint8_t>> {
    // What fusing leaves out is never seen by the engine, so each module is validated before.
    for (std::span<const uint8_t> module : request.modules) {
      TRY(wasm::Module::validate(*engine, module));
    }
    return fuse_plan(request.plan, layout_, request.modules);
  };
  if (cache == nullptr) {
    const std::vector<uint8_t> bytes = TRY(make());
    return wasm::Module::compile(engine, bytes);
  }
  const std::string fingerprint = layout_.fingerprint();
  std::vector<std::span<const uint8_t>> key{
      {reinterpret_cast<const uint8_t*>(fingerprint.data()), fingerprint.size()},
      request.component};
  for (size_t i = 0; i < request.modules.size(); ++i) {
    if (!request.plan.modules[i].host_name.empty()) key.push_back(request.modules[i]);
  }
  return cache->compile_made(engine, key, make);
}

Result<void> FusedCode::link(const wasm::Module& module, std::span<const TrampolineCode> code) {
  for (const FusedHost& host : layout_.hosts()) entries_.push_back(entry_of(host, code));
  wasm::Linker linker(module.engine());
  for (const wasm::ImportType& import : module.imports()) {
    auto function = TRY(host_function(import));
    TRY(linker.define(import.module, import.name, *function));
    hosts_.push_back(std::move(function));
  }
  pre_ = TRY(linker.prepare(module));
  return {};
}

Result<std::unique_ptr<wasm::HostFunction>> FusedCode::host_function(
    const wasm::ImportType& import) {
  const auto* type = std::get_if<wasm::FunctionType>(&import.type);
  if (type == nullptr) return Error::internal("a fused module imports what is no function");
  const uint32_t number = TRY(host_number(import));
  if (auto helper = layout_.helper(number)) {
    helpers_.push_back(std::make_unique<AdapterHelperImport>(*helper));
    return std::make_unique<wasm::HostFunction>(*type, &call_adapter_helper, helpers_.back().get());
  }
  if (type->params.empty()) return Error::internal("a group of host functions is not told which");
  groups_.push_back(
      std::make_unique<GroupCode>(entries_, type->params.size() - 1, type->results.size()));
  return std::make_unique<wasm::HostFunction>(*type, &call_group, groups_.back().get());
}

}  // namespace spindle::component
