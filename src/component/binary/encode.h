#pragma once

// encode_component: a Component in, the bytes of its binary out. The inverse of decode_component():
//
//   decode_component(encode_component(component))  is  component
//
// for every Component that decoding accepts; only offsets differ, and custom sections other than
// `component-name`, which the decoder does not keep. Definitions keep their order; neighbours of
// the same section share one.
//
// What is encoded is trusted: indices may be wrong, and the result is then a component that
// validate() refuses, but names must be UTF-8 and counts within binary/limits.h.

#include <cstdint>
#include <vector>

#include "component/binary/component.h"

namespace spindle::component {

std::vector<uint8_t> encode_component(const Component& component);

}  // namespace spindle::component
