#pragma once

// Linker -> InstancePre: instantiation with everything decided beforehand.
//
// A Linker names host functions; prepare() matches them with a module's imports once; an
// InstancePre then makes instances in any store of the engine, in one step and without lookups. For
// modules that import nothing but host functions, as fused components do. Both may be shared
// between threads once they are complete.

#include <memory>
#include <string_view>

#include "base/result.h"
#include "wasm/engine.h"
#include "wasm/handles.h"
#include "wasm/host_function.h"
#include "wasm/module.h"

namespace spindle::wasm {

class Store;

class InstancePre {
 public:
  // Works at top level and inside host functions. Guest code does not run.
  Result<Instance> instantiate(Store& store) const;
  const Module& module() const { return module_; }

 private:
  friend class Linker;
  InstancePre(Module module, std::shared_ptr<void> pre)
      : module_(std::move(module)), pre_(std::move(pre)) {}
  Module module_;
  std::shared_ptr<void> pre_;
};

class Linker {
 public:
  explicit Linker(std::shared_ptr<const Engine> engine);

  // `function` must outlive the linker and the stores of its instances. A later definition of the
  // same name replaces the earlier.
  Result<void> define(std::string_view module, std::string_view name, const HostFunction& function);
  // An error names the import that nobody defined, or whose type differs.
  Result<InstancePre> prepare(const Module& module) const;

 private:
  std::shared_ptr<const Engine> engine_;
  std::shared_ptr<void> linker_;
};

}  // namespace spindle::wasm
