#include "component/runtime/fused_code.h"

#include <charconv>

#include <fmt/format.h>

#include "component/runtime/adapter_helpers.h"
#include "component/runtime/trampolines.h"
#include "wasm/rewrite/merge.h"

namespace spindle::component {

namespace {

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
  wasm::Linker linker(module.engine());
  for (const wasm::ImportType& import : module.imports()) {
    auto function = TRY(host_function(import, code));
    TRY(linker.define(import.module, import.name, *function));
    hosts_.push_back(std::move(function));
  }
  pre_ = TRY(linker.prepare(module));
  return {};
}

Result<std::unique_ptr<wasm::HostFunction>> FusedCode::host_function(
    const wasm::ImportType& import, std::span<const TrampolineCode> code) {
  const auto* type = std::get_if<wasm::FunctionType>(&import.type);
  if (type == nullptr) return Error::internal("a fused module imports what is no function");
  const uint32_t number = TRY(host_number(import));
  const FusedHost host = TRY(layout_.host(number));
  if (host.kind == FusedHost::Kind::Helper) {
    helpers_.push_back(std::make_unique<AdapterHelperImport>(host.helper, host.trampoline));
    return std::make_unique<wasm::HostFunction>(*type, &call_adapter_helper, helpers_.back().get());
  }
  wasm::HostCallback callback = &call_trampoline;
  if (host.kind == FusedHost::Kind::Start) callback = &call_start;
  if (host.kind == FusedHost::Kind::Finish) callback = &call_finish;
  // Environments are only read.
  auto* env = const_cast<TrampolineCode*>(&code[host.trampoline.value]);
  return std::make_unique<wasm::HostFunction>(*type, callback, env);
}

}  // namespace spindle::component
