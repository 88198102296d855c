#pragma once

// Why a guest stopped: the cause in words and the guest functions that were active.
//
// A call that traps returns an Error of kind Trap whose message is the cause ("wasm trap: out of
// bounds memory access"). The store keeps the rest; Store::trap() turns it into a TrapInfo on
// demand, since names and offsets cost more than a short request.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spindle::wasm {

// The engine records no more frames than this.
inline constexpr size_t kTrapFramesMax = 20;

struct TrapFrame {
  std::string module;    // from the name section, else empty
  std::string function;  // from the name section, demangled, else empty
  uint32_t function_index = 0;
  std::optional<uint64_t> module_offset;  // of the instruction in the wasm file
};

struct TrapInfo {
  std::string cause;
  std::vector<TrapFrame> frames;  // the innermost first
  bool is_truncated = false;      // there may be more

  // One line a frame: `0: cart!cart::total @ 0x1234`.
  std::string backtrace() const;
};

}  // namespace spindle::wasm
