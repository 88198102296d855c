#pragma once

// encode_world_type: a world becomes the content of a `component-type` section, as bindings
// generators put it into modules: a component whose one type describes the world.
//
//   (component
//     (type (component
//       (type (component (import ...) (export ...)))
//       (export "local:demo/greeter" (component (type 0)))))
//     (export "greeter" (type 0)))

#include <vector>

#include "base/result.h"
#include "component/values/abi_side.h"
#include "wit/model.h"

namespace spindle::assemble {

Result<std::vector<uint8_t>> encode_world_type(
    const wit::Resolve& resolve, wit::WorldId world,
    component::StringEncoding encoding = component::StringEncoding::Utf8);

}  // namespace spindle::assemble
