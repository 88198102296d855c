// component_guests [--cache DIR] FILE...: prepares components with every import accepted and
// trapping, in both forms of code, and prints what an instance costs: create and destroy, median
// and best, in microseconds; with a cache also how long loading takes once the code is there.

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "component/runtime/instance.h"

namespace spindle::conformance {
namespace {

using component::Fusing;
using Clock = std::chrono::steady_clock;

std::vector<uint8_t> read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {});
}

double micros(Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

class Bench {
 public:
  Bench(std::shared_ptr<const wasm::Engine> engine, std::unique_ptr<wasm::CodeCache> cache)
      : engine_(std::move(engine)), cache_(std::move(cache)) {}

  Result<void> run(const char* path) {
    const std::vector<uint8_t> bytes = read_file(path);
    for (Fusing fusing : {Fusing::Off, Fusing::On}) {
      TRY(run(path, bytes, fusing));
    }
    return {};
  }

 private:
  using Prepared = std::shared_ptr<const component::PreparedComponent>;

  Result<Prepared> prepare(std::span<const uint8_t> bytes, Fusing fusing, double& micros_taken) {
    const component::HostRegistry registry(component::HostRegistry::Missing::TrapWhenCalled);
    component::PrepareOptions options;
    options.fusing = fusing;
    options.cache = cache_.get();
    const auto start = Clock::now();
    Prepared prepared =
        TRY(component::PreparedComponent::create(engine_, bytes, registry, options));
    micros_taken = micros(Clock::now() - start);
    return prepared;
  }

  Result<void> run(const char* path, std::span<const uint8_t> bytes, Fusing fusing) {
    double cold = 0;
    const Prepared prepared = TRY(prepare(bytes, fusing, cold));
    double warm = cold;
    for (int i = 0; cache_ && i < 5; ++i) {
      double taken = 0;
      TRY(prepare(bytes, fusing, taken));
      warm = std::min(warm, taken);
    }
    std::string form = prepared->is_fused() ? "fused" : "unfused";
    if (fusing == Fusing::On && !prepared->is_fused()) {
      form = fmt::format("not fused ({})", prepared->not_fused_because());
    }
    fmt::print("{}: {}: {} core instances, {} trampolines, cold {:.1f} ms, warm {:.1f} ms, ", path,
               form, prepared->plan().steps.size(), prepared->plan().trampolines.size(),
               cold / 1000, warm / 1000);
    auto times = time_instances(prepared);
    if (!times) {
      fmt::print("start: {}\n", times.error().to_string());
      return {};
    }
    std::ranges::sort(*times);
    fmt::print("median {:.2f} us, best {:.2f} us\n", (*times)[times->size() / 2], times->front());
    return {};
  }

  static Result<std::vector<double>> time_instances(const Prepared& prepared) {
    constexpr int kRuns = 2000;
    component::InstanceOptions options;
    options.store.limits.instances = 1000;
    std::vector<double> times;
    const auto begin = Clock::now();
    for (int i = 0; i < kRuns && Clock::now() - begin < std::chrono::seconds(2); ++i) {
      const auto start = Clock::now();
      {
        auto instance = TRY(component::ComponentInstance::create_blocking(prepared, options));
      }
      times.push_back(micros(Clock::now() - start));
    }
    return times;
  }

  std::shared_ptr<const wasm::Engine> engine_;
  std::unique_ptr<wasm::CodeCache> cache_;
};

Result<int> run_all(std::span<char*> args) {
  std::shared_ptr<const wasm::Engine> engine = TRY(wasm::Engine::create());
  std::unique_ptr<wasm::CodeCache> cache;
  if (args.size() >= 2 && std::string_view(args[0]) == "--cache") {
    cache = TRY(wasm::CodeCache::open(args[1]));
    args = args.subspan(2);
  }
  Bench bench(std::move(engine), std::move(cache));
  int failures = 0;
  for (const char* path : args) {
    auto done = bench.run(path);
    if (done) continue;
    ++failures;
    fmt::print("{}: FAILED {}\n", path, done.error().to_string());
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace spindle::conformance

int main(int argc, char** argv) {
  auto status =
      spindle::conformance::run_all(std::span(argv, static_cast<size_t>(argc)).subspan(1));
  if (!status) {
    fmt::print(stderr, "Error: {}\n", status.error().to_string());
    return 2;
  }
  return *status;
}
