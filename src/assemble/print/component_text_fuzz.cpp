// Any bytes: every component has a text, and what decodes to WIT has one that parses to the same
// model. The input is a component, or a `component-type` section.

#include <cstdint>
#include <cstdlib>

#include "assemble/print/component_text.h"
#include "assemble/wit_decode/decode.h"
#include "component/binary/decode.h"
#include "component/validate/validate.h"
#include "wit/load.h"
#include "wit/print.h"

namespace {

using namespace spindle;

void check_text(const wit::Resolve& resolve, wit::PackageId package) {
  auto text = wit::print_with_dependencies(resolve, package);
  auto again = wit::load_texts({{"fuzz.wit", text}});
  if (!again) {
    if (again.error().kind() == ErrorKind::LimitExceeded) return;
    std::abort();
  }
  if (wit::print_with_dependencies(*again, again->roots().front()) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::span<const uint8_t> bytes(data, size);
  if (auto merged = assemble::decode_component_types(std::span(&bytes, 1))) {
    check_text(merged->resolve, merged->resolve.world(merged->world).package);
  }
  auto component = component::decode_component(component::SharedBytes::borrow(bytes));
  if (!component) return 0;
  (void)assemble::component_text(*component);
  if (!component::validate(*component)) return 0;
  if (auto decoded = assemble::decode_wit(*component)) {
    check_text(decoded->resolve, decoded->package);
  }
  return 0;
}
