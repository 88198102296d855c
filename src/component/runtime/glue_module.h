#pragma once

// The glue module: generated wasm that lets a host function wait.
//
// A host function that may wait is three: `start` lifts the arguments and often completes at once;
// `suspend`, the only asynchronous import, is called when it did not; `finish` lowers the result.
// A synchronous host function may call the guest's allocator while the engine ticks, an
// asynchronous one may not, hence the split. The few instructions between them are wasm:
//
//   (func (export "0") (param ...) (result ...)
//     (if (call $start0 (local.get 0) ...) (then (call $suspend)))
//     (call $finish0 (local.get 0) ...))
//
// Imports, in this order: "" "suspend", then "s" "0", "f" "0", "s" "1", "f" "1", ...

#include <cstdint>
#include <span>
#include <vector>

#include "component/plan/plan.h"

namespace spindle::component {

std::vector<uint8_t> encode_glue_module(std::span<const PlannedSignature> functions);

}  // namespace spindle::component
