#pragma once

// Built-ins of the async ABI as the runtime calls them: two functions, of which the second runs
// only after the first had to wait.
//
//   start(call)   does it all and says Done, or arranges what to wait for and says Blocked
//   finish(call)  what is left to do when the wait is over; the arguments are in the cells again
//
// The cells hold the core arguments on entry and the core results on return. An Error is a trap.
// That the instance may be left, and that the task may block where a built-in may, is checked
// before (built_ins.cpp).

#include <cstdint>
#include <span>

#include "base/result.h"
#include "component/plan/plan.h"
#include "wasm/raw_value.h"

namespace spindle::component {

class ComponentInstance;
class Waitable;

enum class BuiltInStep : uint8_t { Done, Blocked };

struct BuiltInCall {
  ComponentInstance& instance;
  const Trampoline& trampoline;
  std::span<wasm::RawValue> cells;

  uint32_t arg(size_t i) const { return cells[i].u32; }
  void set_result(uint32_t value) { cells[0] = wasm::RawValue::from_u32(value); }
};

struct BuiltIn {
  using Start = Result<BuiltInStep> (*)(BuiltInCall& call);
  using Finish = Result<void> (*)(BuiltInCall& call);

  Start start = nullptr;
  // Absent: it never waits.
  Finish finish = nullptr;
};

// What a built-in answers that goes on later.
inline constexpr uint32_t kBlocked = 0xffff'ffff;

}  // namespace spindle::component
