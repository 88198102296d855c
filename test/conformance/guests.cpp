// guests FILE...: decodes, plans and instantiates components with every import accepted and
// trapping, and prints how long creating and destroying an instance takes.

#include <chrono>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "component/runtime/instance.h"

namespace spindle::conformance {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<uint8_t> read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {});
}

double micros(Clock::duration duration, int runs) {
  return std::chrono::duration<double, std::micro>(duration).count() / runs;
}

Result<std::string> try_guest(std::shared_ptr<const wasm::Engine> engine, const char* path) {
  const std::vector<uint8_t> bytes = read_file(path);
  const component::HostRegistry registry(component::HostRegistry::Missing::TrapWhenCalled);
  const auto start = Clock::now();
  auto prepared = TRY(component::PreparedComponent::create(engine, bytes, registry));
  const double prepare = micros(Clock::now() - start, 1);
  component::InstanceOptions options;
  options.store.limits.instances = 1000;
  {
    auto first = component::ComponentInstance::create_blocking(prepared, options);
    if (!first) {
      return fmt::format("{:4} core instances, start: {}", prepared->plan().steps.size(),
                         first.error().to_string().substr(0, 100));
    }
  }
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    constexpr int kRuns = 200;
    const auto begin = Clock::now();
    for (int i = 0; i < kRuns; ++i) {
      auto instance = TRY(component::ComponentInstance::create_blocking(prepared, options));
    }
    best = std::min(best, micros(Clock::now() - begin, kRuns));
  }
  return fmt::format("{:4} core instances, {:5} trampolines, prepare {:8.1f} ms, create {:7.2f} us",
                     prepared->plan().steps.size(), prepared->plan().trampolines.size(),
                     prepare / 1000, best);
}

}  // namespace
}  // namespace spindle::conformance

int main(int argc, char** argv) {
  auto engine = spindle::wasm::Engine::create();
  if (!engine) {
    fmt::print(stderr, "Error: {}\n", engine.error().to_string());
    return 2;
  }
  int failures = 0;
  for (int i = 1; i < argc; ++i) {
    auto line = spindle::conformance::try_guest(*engine, argv[i]);
    if (!line) ++failures;
    fmt::print("{}: {}\n", argv[i], line ? *line : "FAILED " + line.error().to_string());
  }
  return failures == 0 ? 0 : 1;
}
