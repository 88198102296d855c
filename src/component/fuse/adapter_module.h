#pragma once

// The adapter module: generated wasm for calls between guests.
//
// A lowered function whose callee is another component instance of the same plan could go through
// the host: lift with the caller's memory, lower with the callee's. The adapter does the same in
// wasm, so that a composed call never leaves it:
//
//   (func (export "12") (param $ptr i32) (param $len i32) (result i32)   ;; trampoline 12
//     ... realloc in the callee, memory.copy from memory to memory, call, post-return ...)
//
// One module serves all guest calls of a plan. It imports what the calls need: the callees,
// memories, allocators, post-returns, and *helpers*, host functions for what is better done by the
// host (strings that have to be validated or transcoded, handles). Signatures that it does not
// cover are left out; those trampolines stay host functions, which is always right.
//
// Every rule of the canonical ABI that the host path keeps is kept here, with the same trap
// messages where the host can tell: order of effects, bounds and alignment before a byte is
// touched, may-leave during realloc and post-return, reentrance, exceptions that stop at the
// boundary as traps.
//
// Flags. A frame that can be entered again while it is entered (a cycle in the graph of calls), or
// that must be found in the state "may not leave", needs its flags where both wasm and the host see
// them: mutable i32 globals of this module, exported as "flags<frame>". Bit 0: entered; bit 1: may
// not leave. Frames for which the graph of calls proves both impossible have none.
//
// Called by the fuser; pure: the plan in, bytes and the meaning of imports and exports out.

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "component/plan/plan.h"

namespace spindle::component {

// What a helper does; its signature is fixed for each kind (adapter_module.cpp documents them).
// Helpers are host functions with the trampoline as their environment.
enum class AdapterHelper : uint8_t {
  // Traps with the canonical message whose number is the parameter.
  Trap,
  // (source pointer, source length in code units[, tagged]) -> (pointer, length): a string of the
  // caller becomes one of the callee, or back; validated, transcoded, allocated by realloc.
  StringToCallee,
  StringToCaller,
  // (handle) -> handle, for a resource named by the second parameter.
  OwnToCallee,
  OwnToCaller,
  BorrowToCallee,
  // Open and check the scope of borrows of one call.
  EnterScope,
  LeaveScope,
};

struct AdapterHelperImport {
  AdapterHelper helper = AdapterHelper::Trap;
  TrampolineIndex trampoline;
  friend auto operator<=>(const AdapterHelperImport&, const AdapterHelperImport&) = default;
};

// A core item of the plan (a function, or a memory as CoreExport), or a helper.
using AdapterImport = std::variant<CoreItem, AdapterHelperImport>;

struct AdapterModule {
  std::vector<uint8_t> bytes;
  std::vector<AdapterImport> imports;  // in the order of the module's import section
  // Export name of each guest call that the module covers.
  std::map<TrampolineIndex, std::string> functions;
  // Export name of the flags of frames that need them.
  std::map<FrameIndex, std::string> flags;
};

// Empty `bytes` where no guest call is covered.
Result<AdapterModule> make_adapter_module(const InstantiationPlan& plan);

}  // namespace spindle::component
