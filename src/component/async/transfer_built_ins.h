#pragma once

// The built-ins of streams and futures: new, read, write, cancel-read, cancel-write, drop-readable,
// drop-writable (Canonical ABI, "canon {stream,future}.new" and following).

#include "component/async/built_in.h"
#include "component/async/guest_access.h"
#include "component/binary/component.h"

namespace spindle::component {

// One call of such a built-in, without its instance. The opcode is the trampoline's.
struct TransferCall {
  HandleTable& handles;
  GuestAccess& access;
  const Trampoline& trampoline;
  std::span<wasm::RawValue> cells;

  uint32_t arg(size_t i) const { return cells[i].u32; }
  void set_result(uint32_t value) { cells[0] = wasm::RawValue::from_u32(value); }
};
Result<BuiltInStep> start_transfer(TransferCall& call);
Result<void> finish_transfer(TransferCall& call);

// Absent where `op` is none of these.
const BuiltIn* transfer_built_in(CanonOp op);

}  // namespace spindle::component
