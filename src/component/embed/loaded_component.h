#pragma once

// LoadedComponent: a component ready to be used by a program that embeds Spindle.
//
//   auto engine = TRY(wasm::Engine::create());
//   auto plugin = TRY(LoadedComponent::load_file(engine, "plugin.wasm", {.host =
//   {&log::interface()}})); MyLog my_log;                                             // derives
//   from log::Host auto guest = TRY(plugin.instantiate({.host = {log::implement(my_log)}})); auto
//   api = TRY(api::Guest::find(*guest));                 // generated from WIT Result<uint32_t>
//   answer = api.compute(42);
//
// Loading decodes, validates, links and compiles: milliseconds to seconds, once. It is immutable,
// cheap to copy and may be used from several threads. An instance takes microseconds, is one
// guest's state, and stays on the thread that made it. Guests share nothing with each other.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "component/runtime/instance.h"

namespace spindle::component {

struct LoadOptions {
  // What the component may import. Tables of bindings: `log::interface()`.
  std::vector<const HostInterface*> host;
  // Imports that nobody offers are an error, or trap when called.
  HostRegistry::Missing missing = HostRegistry::Missing::Refuse;
  // Where compiled code is kept, for fast loading.
  wasm::CodeCache* cache = nullptr;
};

struct InstantiateOptions {
  // An object for each interface that the component imports; others are ignored. What implements
  // them outlives the instance.
  std::vector<HostBinding> host;
  // Memory, tables, and the processor time that the guest may use in all, in ticks of 10 ms.
  wasm::StoreLimits limits;
  uint64_t cpu_budget = wasm::kUnlimitedTicks;
  // For calls that wait.
  io::EventLoop* loop = nullptr;
};

class LoadedComponent {
 public:
  static constexpr uint64_t kFileBytesMax = uint64_t{256} << 20;

  // A component's binary, or its text (it begins with `(`).
  static Result<LoadedComponent> load(std::shared_ptr<const wasm::Engine> engine,
                                      std::span<const uint8_t> bytes,
                                      const LoadOptions& options = {});
  static Result<LoadedComponent> load_file(std::shared_ptr<const wasm::Engine> engine,
                                           const std::string& path,
                                           const LoadOptions& options = {});

  // On the current stack: host functions that wait cannot be called while it starts.
  Result<std::unique_ptr<ComponentInstance>> instantiate(
      const InstantiateOptions& options = {}) const;
  // On `options.loop`.
  io::Task<Result<std::unique_ptr<ComponentInstance>>> instantiate_async(
      InstantiateOptions options) const;

  const std::shared_ptr<const PreparedComponent>& prepared() const { return prepared_; }

 private:
  explicit LoadedComponent(std::shared_ptr<const PreparedComponent> prepared)
      : prepared_(std::move(prepared)) {}
  Result<std::vector<void*>> implementations(const InstantiateOptions& options) const;

  std::shared_ptr<const PreparedComponent> prepared_;
};

}  // namespace spindle::component
