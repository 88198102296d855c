// Composes two components, the input cut in two: what is valid alone must be composed or refused,
// and what is composed survives its binary form.

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
  if (input.size() < 2) return;
  const size_t cut = std::min<size_t>(input[0] | input[1] << 8, input.size() - 2);
  const auto first = input.subspan(2, cut);
  const auto second = input.subspan(2 + cut);
  auto root = load_part("root", {first.begin(), first.end()});
  auto plug = load_part("plug", {second.begin(), second.end()});
  if (!root || !plug) return;
  Assembly beside;
  beside.add(*root);
  beside.add(*plug);
  check(beside.finish());
  std::vector<Plug> plugs;
  plugs.push_back({*plug, "", {}});
  check(compose(*root, std::move(plugs)));
  check(chain("a:b/c", *plug, {*root}));
}

}  // namespace
}  // namespace spindle::assemble

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  spindle::assemble::run({data, size});
  return 0;
}
