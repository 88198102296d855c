// A world with nothing to call.
#include "only_types.h"

static_assert(bindings::Point{1, 2} == bindings::Point{1, 2});
static_assert(std::is_same_v<bindings::Points, std::vector<bindings::Point>>);

bindings::Color color() {
  return bindings::Color::Green;
}
