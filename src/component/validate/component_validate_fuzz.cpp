// Our validation and the engine's agree on any component. The bytes are mutated as definitions, so
// that most inputs are well formed; engine_verdict.h lists where the two may differ.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "component/fixture/engine_verdict.h"
#include "component/fixture/mutate_component.h"

using namespace spindle;
using namespace spindle::component;

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  auto parts = take_apart(std::span(data, size));
  if (!parts || seed % 8 == 0) return LLVMFuzzerMutate(data, size, max_size);
  ComponentMutator(seed).mutate(*parts, *parts);
  auto bytes = put_together(*parts);
  if (bytes.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* first, size_t first_size,
                                            const uint8_t* second, size_t second_size, uint8_t* out,
                                            size_t out_size, unsigned seed) {
  auto parts = take_apart(std::span(first, first_size));
  auto donor = take_apart(std::span(second, second_size));
  if (!parts || !donor) return 0;
  ComponentMutator(seed).mutate(*parts, *donor);
  auto bytes = put_together(*parts);
  if (bytes.size() > out_size) return 0;
  std::copy(bytes.begin(), bytes.end(), out);
  return bytes.size();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto engine = wasm::EngineComponents::create().value();
  if (auto why = disagreement(judge(std::span(data, size), engine))) {
    std::fprintf(stderr, "%s\n", why->c_str());
    std::abort();
  }
  return 0;
}
