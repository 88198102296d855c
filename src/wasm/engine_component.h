#pragma once

// EngineComponents: the engine's own component model, as a second opinion.
//
// The runtime never uses it: components, the canonical ABI and resources are Spindle's own. Tests
// and fuzz targets ask it whether a component is valid, and what its functions return. All parts of
// the component model that the C API can switch on are on; error-context, fixed lists, threads, gc
// and 64-bit memories have no switch there and stay off.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spindle::wasm {

// A component-level value as the engine has it, without resources.
struct EngineValue {
  // In the order of the engine's own codes.
  enum class Kind : uint8_t {
    Bool,
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    S64,
    U64,
    F32,
    F64,
    Char,
    String,
    List,
    Record,
    Tuple,
    Variant,
    Enum,
    Option,
    Result,
    Flags,
  };
  Kind kind = Kind::Bool;
  // Numbers: extended to 64 bits, floats as their pattern. Result: 1 for ok.
  uint64_t bits = 0;
  // String; the case of a variant or enum.
  std::string text;
  // Record: its fields' names. Flags: those that are set.
  std::vector<std::string> labels;
  // Elements, fields, or the payload if there is one.
  std::vector<EngineValue> items;

  friend bool operator==(const EngineValue&, const EngineValue&) = default;
};

// A component without imports, instantiated by the engine. After a trap it is of no use.
class EngineInstance {
 public:
  Result<EngineValue> call(std::string_view function, std::span<const EngineValue> args);

  struct Impl;
  explicit EngineInstance(std::unique_ptr<Impl> impl);
  EngineInstance(EngineInstance&&) noexcept;
  EngineInstance& operator=(EngineInstance&&) noexcept;
  ~EngineInstance();

 private:
  std::unique_ptr<Impl> impl_;
};

class EngineComponents {
 public:
  static Result<EngineComponents> create();

  // Whether the engine accepts `binary` as a component.
  Result<void> check(std::span<const uint8_t> binary) const;
  // Whether the engine accepts `binary` as a core module; nothing is compiled.
  Result<void> check_module(std::span<const uint8_t> binary) const;
  Result<EngineInstance> instantiate(std::span<const uint8_t> binary) const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit EngineComponents(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace spindle::wasm
