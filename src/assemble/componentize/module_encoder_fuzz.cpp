// Any bytes as a core module: what comes of it is an error or a component that decodes.

#include <cstddef>
#include <cstdint>
#include <span>

#include "assemble/componentize/make_component.h"
#include "base/verify.h"
#include "component/binary/decode.h"
#include "component/validate/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spindle;
  auto bytes = assemble::componentize(std::span(data, size));
  if (!bytes) return 0;
  auto component = component::decode_component(component::SharedBytes::borrow(*bytes));
  VERIFY(component.has_value());
  (void)component::validate(*component);
  return 0;
}
