// A program that embeds Spindle: it loads a plug-in, offers it a log, and calls it. The classes
// below `bindings` are generated from calculator.wit.

#include <fmt/core.h>

#include "bindings/demo/calculator/plugin.h"
#include "component/embed/loaded_component.h"

namespace calculator = spindle::bindings::demo::calculator;
namespace component = spindle::component;
using spindle::Result;

// What the plug-in imports.
class Log final : public calculator::log::Host {
 public:
  Result<void> write(calculator::log::Level level, std::string_view text) override {
    fmt::print("[{}] {}\n", level == calculator::log::Level::Warning ? "warning" : "info", text);
    return {};
  }
};

static Result<void> run(const char* path) {
  auto engine = TRY(spindle::wasm::Engine::create());
  auto plugin = TRY(component::LoadedComponent::load_file(
      engine, path, {.host = {&calculator::log::interface()}}));

  Log log;
  auto guest = TRY(plugin.instantiate({.host = {calculator::log::implement(log)}}));
  auto root = TRY(calculator::plugin::Guest::find(*guest));
  auto math = TRY(calculator::math::Guest::find(*guest));

  std::string name = TRY(root.name());
  double sum = TRY(math.sum(std::array{1.5, 2.5, 38.0}));
  fmt::print("{}: the sum is {}\n", name, sum);

  for (double divisor : {4.0, 0.0}) {
    // A trap would be an error outside; what the plug-in answers is inside.
    std::expected<double, calculator::math::Error> quotient = TRY(math.divide(sum, divisor));
    fmt::print("{} / {} = {}\n", sum, divisor,
               quotient ? fmt::to_string(*quotient) : "division by zero");
  }
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "calculator.wat");
  if (done.has_value()) return 0;
  fmt::print(stderr, "Error: {}\n", done.error().to_string());
  return 1;
}
