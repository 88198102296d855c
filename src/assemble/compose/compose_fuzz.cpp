// Composes a component with itself: what is valid alone must be composed or refused, and what is
// composed survives its binary form.

#include "assemble/compose/assembly.h"
#include "assemble/compose/compose.h"
#include "component/binary/decode.h"
#include "component/binary/encode.h"
#include "component/validate/validate.h"

namespace spindle::assemble {
namespace {

void check(const Result<ComposedComponent>& composed) {
  if (!composed) return;
  const auto bytes = component::encode_component(**composed);
  auto decoded = component::decode_component(component::SharedBytes::borrow(bytes));
  // Composing nests one deeper.
  if (!decoded && decoded.error().kind() == ErrorKind::LimitExceeded) return;
  VERIFY(decoded.has_value());
  VERIFY(component::validate(*decoded).has_value());
}

void run(std::span<const uint8_t> input) {
  auto loaded = load_part("part", {input.begin(), input.end()});
  if (!loaded) return;
  const Part& part = *loaded;
  Part renamed = part;
  renamed.hoisted_name = [](std::string_view name) { return "other-" + std::string(name); };

  Assembly beside;
  beside.add(part);
  beside.add(part);
  beside.add(renamed);
  check(beside.finish());

  std::vector<Plug> plugs;
  plugs.push_back({renamed, "", {}});
  check(compose(part, std::move(plugs)));

  const PartScope scope(*part.component);
  if (!scope.exports().empty()) {
    check(chain(scope.exports().front()->name.name, part, {renamed}));
  }
}

}  // namespace
}  // namespace spindle::assemble

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  spindle::assemble::run({data, size});
  return 0;
}
