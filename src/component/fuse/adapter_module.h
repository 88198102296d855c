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
// host (strings that have to be validated or transcoded, handles, traps with words). Signatures
// that it does not cover are left out; those trampolines stay host functions, which is always
// right: async ones, streams, futures, error contexts, calls within one frame that use memory.
//
// The rules of the canonical ABI that the host path keeps are kept here, with the same trap
// messages: all that is passed is checked before the callee's allocator runs, then copied in the
// same order of allocations; bounds and alignment before a byte is touched; may-leave during
// realloc and post-return; reentrance; exceptions stop at the boundary as traps. Three departures:
// a NaN keeps its payload, nothing limits how much one call passes but the two memories, and a
// handle is checked when it is passed on, which is after allocations for what precedes it.
//
// Flags. A frame that can be entered again while it is entered (a cycle in the graph of calls), or
// that can be found in the state "may not leave", needs its flags where both wasm and the host see
// them: mutable i32 globals of this module, exported as "flags<frame>". Bit 0: entered; bit 1: may
// not leave. For these frames the host uses the global in place of its own state, everywhere. Of
// the other frames the host keeps the state alone; the adapter never looks at it.
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

// What a helper does. Helpers are host functions; but for Trap they belong to a trampoline, whose
// sides they work on. All parameters and results are i32. runtime/adapter_helpers.h runs them.
enum class AdapterHelper : uint8_t {
  // (AdapterTrap, detail, detail) -> never.
  Trap,
  // (pointer, length) -> (): whether a string of the side lies in bounds and is well-formed.
  CheckStringOfCaller,
  CheckStringOfCallee,
  // (pointer, length) -> (pointer, length): a string becomes one of the other side: validated,
  // transcoded, allocated by realloc.
  StringToCallee,
  StringToCaller,
  // () -> scope: opens the scope of borrows of one call.
  EnterScope,
  // (scope) -> (): the callee must hold no borrows; then the call's lends end.
  CheckScope,
  LeaveScope,
  // (handle, resource) -> handle.
  OwnToCallee,
  OwnToCaller,
  // (scope, handle, resource) -> handle, or representation.
  BorrowToCallee,
};

PlannedSignature adapter_helper_signature(AdapterHelper helper);

// First parameter of the helper Trap; runtime/adapter_helpers.cpp has the words.
enum class AdapterTrap : uint8_t {
  CannotLeave,
  CannotEnter,
  InvalidChar,          // the code point
  InvalidDiscriminant,  // the discriminant, the number of cases
  UnalignedPointer,
  PointerOutOfBounds,
  ListOutOfBounds,
  StringOutOfBounds,
  ReallocMisaligned,
  ReallocOutOfBounds,
  UncaughtException,
};

inline constexpr uint32_t kFlagEntered = 1;
inline constexpr uint32_t kFlagMayNotLeave = 2;

struct AdapterHelperImport {
  AdapterHelper helper = AdapterHelper::Trap;
  TrampolineIndex trampoline;
  friend auto operator<=>(const AdapterHelperImport&, const AdapterHelperImport&) = default;
};

// A core item of the plan (a function, which may be a trampoline, even one that this module covers;
// or a memory), or a helper.
using AdapterImport = std::variant<CoreItem, AdapterHelperImport>;

struct AdapterModule {
  std::vector<uint8_t> bytes;
  std::vector<AdapterImport> imports;  // in the order of the module's import section
  // Export name of each guest call that the module covers.
  std::map<TrampolineIndex, std::string> functions;
  // Export name of the flags of frames that need them.
  std::map<FrameIndex, std::string> flags;
};

struct AdapterLimits {
  // A call whose code is larger stays a host function, and so do all once the module is full.
  size_t function_bytes = size_t{256} << 10;
  size_t module_bytes = size_t{16} << 20;
};

// Empty `bytes` where no guest call is covered. The bytes of the plan's modules must still be
// there: whether any of them uses exceptions decides whether calls are guarded.
Result<AdapterModule> make_adapter_module(const InstantiationPlan& plan,
                                          const AdapterLimits& limits = {});

}  // namespace spindle::component
