#pragma once

// The built-ins of the async ABI: of tasks, subtasks, waitable sets and back-pressure
// (Canonical ABI, "canon task.return" and following). Those of streams and futures are in
// transfer_built_ins.h.

#include "component/async/built_in.h"
#include "component/binary/component.h"

namespace spindle::component {

// Absent where the built-in is not supported.
const BuiltIn* find_built_in(CanonOp op);
// Can a call of it have to wait?
bool may_wait(const Trampoline& built_in);
// What holds for all of them: the instance may be left, and one that could wait is not called by a
// synchronous function.
Result<void> check_built_in(const BuiltInCall& call);

}  // namespace spindle::component
