#pragma once

// The glue module: generated wasm that lets a host function wait.
//
// A host function that may wait is three: `start` lifts the arguments and often completes at once;
// `suspend`, an empty wasm function, is entered when it did not, which is where the engine leaves
// the guest's stack (wasm/async_call.h); `finish` lowers the result. A host function cannot be left
// in its middle, hence the split. The few instructions between them are wasm:
//
//   (func (export "0") (param ...) (result ...)
//     (if (call $start0 (local.get 0) ...) (then (call $suspend)))
//     (call $finish0 (local.get 0) ...))
//
// Imports, in this order: "" "suspend" unless it is its own, then "s" "0", "f" "0", "s" "1", ...

#include <cstdint>
#include <span>
#include <vector>

#include "component/plan/plan.h"

namespace spindle::component {

enum class GlueSuspend : uint8_t {
  Imported,
  Own,  // where the glue is merged with the modules that call it
};

std::vector<uint8_t> encode_glue_module(std::span<const PlannedSignature> functions,
                                        GlueSuspend suspend);

}  // namespace spindle::component
