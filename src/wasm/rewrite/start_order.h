#pragma once

// StartOrder: what has to happen after instantiation, and in which order.
//
// One by one, the segments of instance k are applied, then its start function runs, then instance
// k + 1 follows. Merged, the engine applies all segments before anything runs. That is the same
// unless an earlier start function can see, or undo, what a later segment writes, or has effects
// although a later segment traps. Such segments are *late*: passive in the result, and applied by
// the code that runs the start functions, in their place between these.
//
// A start function sees a table or memory that it reaches through code, or that the host reaches
// for it: it calls a host function, and the host was given that item, or a function that reaches
// it, by an instance that existed then.

#include <span>
#include <vector>

#include "wasm/rewrite/reach.h"

namespace spindle::wasm::rewrite {

struct StartOrder {
  // A late segment to apply, or a start function to call.
  std::vector<Node> steps;
  std::vector<bool> late_elements;
  std::vector<bool> late_data;

  bool is_late(Node segment) const {
    return segment.kind == NodeKind::Element ? late_elements[segment.id] : late_data[segment.id];
  }
};

// `exported` is what the host is given.
Result<StartOrder> find_start_order(Program& program, const Constants& constants,
                                    const Segments& segments, std::span<const Node> exported);

}  // namespace spindle::wasm::rewrite
