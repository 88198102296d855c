#pragma once

// Which frames need flags that wasm and host share, proved from the graph of calls.
//
// Frames call each other by lowered functions of lifts and by dropping each other's resources. The
// graph is in the plan, so for most frames it is plain that nobody can enter them while they are
// entered: a composed application is a tree of imports. Only where a call can come back, through a
// parent that its child calls, does anybody have to look.
//
//   parent -> child -> parent (allowed: a child may call its parent) -> child (must trap)
//
// A frame may not be left while its allocator or a post-return runs. Somebody has to look where it
// has both one of these and anything to leave by, and adapters are concerned with either.
//
// When the graph is too large to be searched, every frame gets flags: slower, as right.

#include <vector>

#include "component/plan/plan.h"

namespace spindle::component {

struct FrameFlags {
  // By frame: the state "entered" is kept in flags, the state "may not leave" is.
  std::vector<bool> entered;
  std::vector<bool> leave;
  bool any(FrameIndex frame) const { return entered[frame.value] || leave[frame.value]; }
};

// `covered`: by trampoline, whether an adapter makes the call.
FrameFlags plan_frame_flags(const InstantiationPlan& plan, const std::vector<bool>& covered);

// The frames that a call enters anew: the callee and its ancestors, up to the first that the caller
// is in too.
std::vector<FrameIndex> newly_entered(const InstantiationPlan& plan, FrameIndex caller,
                                      FrameIndex callee);

}  // namespace spindle::component
