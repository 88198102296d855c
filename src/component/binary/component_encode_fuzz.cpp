// Any bytes that decode: encoded, they decode to the same definitions, in bytes that stay as they
// are from then on.

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/verify.h"
#include "component/binary/decode.h"
#include "component/binary/encode.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spindle::component;
  auto component = decode_component(SharedBytes::borrow(std::span(data, size)));
  if (!component) return 0;
  auto first = encode_component(*component);
  auto again = decode_component(SharedBytes::borrow(first));
  VERIFY(again.has_value());
  VERIFY(again->definitions.size() == component->definitions.size());
  VERIFY(encode_component(*again) == first);
  return 0;
}
