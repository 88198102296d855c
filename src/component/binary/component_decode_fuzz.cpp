// Any bytes at all: decoding and validating neither crash nor hang.

#include <cstddef>
#include <cstdint>
#include <span>

#include "component/binary/decode.h"
#include "component/validate/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spindle::component;
  auto component = decode_component(SharedBytes::borrow(std::span(data, size)));
  if (component) (void)validate(*component);
  return 0;
}
