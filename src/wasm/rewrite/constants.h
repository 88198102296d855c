#pragma once

// Constants: what initializers come to, where that is known.
//
// A module that imports a base address has initializers such as `global.get $base, i32.const 16,
// i32.add`. Once the instance that defines $base is known these are numbers, and the engine can
// prepare tables and memories ahead instead of evaluating at every instantiation. Nothing is
// guessed: what is not one of the constant instructions, or reads a global that is mutable or
// imported by the result, has no value here and stays as it is.

#include <optional>
#include <vector>

#include "wasm/rewrite/program.h"

namespace spindle::wasm::rewrite {

struct Constant {
  enum class Kind : uint8_t { I32, I64, F32, F64, V128, Func, AbstractNull, TypedNull };
  Kind kind = Kind::I32;
  // The number's bits; an ItemId; the code of an abstract heap type; a TypeId.
  uint64_t bits = 0;
  uint64_t high_bits = 0;  // of a V128
  friend bool operator==(const Constant&, const Constant&) = default;
};

class Constants {
 public:
  // Of all immutable globals that instances define.
  explicit Constants(const Program& program);

  std::optional<Constant> evaluate(uint32_t instance, Bytes initializer) const;
  // As an address: i32 unsigned, i64.
  std::optional<uint64_t> address(uint32_t instance, Bytes initializer) const;
  const std::optional<Constant>& global(ItemId id) const { return globals_[id]; }

 private:
  const Program& program_;
  std::vector<std::optional<Constant>> globals_;
};

}  // namespace spindle::wasm::rewrite
