#pragma once

// One adapter function: the whole of a call from a guest to another, in the order of the canonical
// ABI: may the caller leave, may the callee be entered, parameters, the call, its result,
// post-return, leave.

#include <optional>

#include "component/fuse/core_items.h"
#include "component/fuse/frame_flags.h"
#include "component/fuse/value_transfer.h"

namespace spindle::component {

// Whether an adapter can make this call at all; its code may still turn out too large.
bool is_adaptable(const InstantiationPlan& plan, const Trampoline& trampoline, TransferTypes& types,
                  CoreItems& items);

struct AdapterCallContext {
  const InstantiationPlan& plan;
  const FrameFlags& flags;
  // Some module has exceptions, so calls are guarded.
  bool has_exceptions = true;
  size_t limit = 0;
};

// The function's body; nothing when it is larger than the limit.
std::optional<ByteWriter> adapter_call(const AdapterCallContext& context, AdapterLinks& links,
                                       TransferTypes& types, TrampolineIndex trampoline);

}  // namespace spindle::component
