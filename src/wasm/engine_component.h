#pragma once

// EngineComponents: the engine's own component model, as a second opinion.
//
// The runtime never uses it: components, the canonical ABI and resources are Spindle's own. Tests
// and fuzz targets ask it whether a component is valid. All parts of the component model that the
// C API can switch on are on; error-context, fixed lists, threads, gc and 64-bit memories have no
// switch there and stay off.

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"

namespace spindle::wasm {

class EngineComponents {
 public:
  static Result<EngineComponents> create();

  // Whether the engine accepts `binary` as a component.
  Result<void> check(std::span<const uint8_t> binary) const;
  // Whether the engine accepts `binary` as a core module; nothing is compiled.
  Result<void> check_module(std::span<const uint8_t> binary) const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit EngineComponents(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace spindle::wasm
