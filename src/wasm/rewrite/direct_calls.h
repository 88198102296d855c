#pragma once

// DirectCalls: indirections that are known not to be any.
//
// Linking tools put a function between caller and callee that only passes its parameters on,
// because one of them did not exist yet when the other was made:
//
//   shim:  (func $3 (param i32 i32) local.get 0 local.get 1 i32.const 3 call_indirect $imports)
//   fixup: (elem (table $imports) (i32.const 0) ... $write ...)
//
// A table is *settled* when no reachable code and no host can change it and all its segments are
// applied at instantiation at known places; then a call of slot 3 is a call of $write if the types
// agree (if they do not it traps, and stays as it is). A *forwarder* is a function whose body is
// one call with its own parameters in order; it stands for its callee wherever it is mentioned.

#include <optional>
#include <vector>

#include "wasm/rewrite/program.h"
#include "wasm/rewrite/reach.h"

namespace spindle::wasm::rewrite {

class DirectCalls {
 public:
  // `reach` is of the program as it is; late segments are applied after instantiation; exported
  // tables are those that the host sees.
  struct Facts {
    const Constants& constants;
    const Segments& segments;
    const Reach& reach;
    const std::vector<bool>& late_elements;
    const std::vector<bool>& exported_tables;
  };
  static Result<DirectCalls> find(Program& program, const Facts& facts);

  // What a call through a slot calls.
  std::optional<ItemId> target(const Program& program, uint32_t instance,
                               const ConstantCall& call) const;
  // For each function the one that stands for it.
  const std::vector<ItemId>& forwarded() const { return forwarded_; }
  // How many another one stands for.
  uint32_t forwarders() const;

 private:
  using Slots = std::unordered_map<uint64_t, ItemId>;
  static bool is_settled(const Program& program, const Facts& facts, ItemId table);
  Result<void> settle(const Program& program, const Facts& facts, ItemId table);
  std::optional<ItemId> callee_of_forwarder(Program& program, ItemId function) const;
  Result<void> find_forwarders(Program& program, const Reach& reach);

  std::vector<std::optional<Slots>> tables_;
  std::vector<ItemId> forwarded_;
};

}  // namespace spindle::wasm::rewrite
