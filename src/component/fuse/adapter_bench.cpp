// Calls between two composed components, through the host and through adapters: an integer, a list
// of bytes beside memcpy, strings. Each time is that of one call.

#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "component/runtime/instance.h"

namespace spindle::component {
namespace {

std::shared_ptr<const wasm::Engine> engine() {
  static const std::shared_ptr<const wasm::Engine> made = wasm::Engine::create().value();
  return made;
}

// The callee's parameter and what the caller passes; `extra` are definitions of the callee's
// module.
struct Call {
  std::string_view param;
  std::string_view core;
  std::string_view args;
  std::string_view extra = "";
};

constexpr Call kInteger{"u32", "(param i32)", "(local.get $len)"};
constexpr Call kGuarded{"u32", "(param i32)", "(local.get $len)", "(tag)"};
constexpr Call kEnum{"(option u64)", "(param i32 i64)", "(i32.const 1) (i64.const 3)"};
constexpr Call kBytes{"(list u8)", "(param i32 i32)", "(i32.const 1024) (local.get $len)"};
constexpr Call kString{"string", "(param i32 i32)", "(i32.const 1024) (local.get $len)"};
constexpr Call kRecords{"(list (tuple u32 bool))", "(param i32 i32)",
                        "(i32.const 1024) (local.get $len)"};

// `run` calls the callee as often as its first parameter says; the second is the length.
std::string text_of(const Call& call) {
  return fmt::format(
      R"((component
    (component $callee
      (core module $m (memory (export "memory") 64) {extra}
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
        (func (export "f") {core} (result i32) (local.get 0)))
      (core instance $i (instantiate $m))
      (func (export "f") (param "x" {param}) (result u32) (canon lift (core func $i "f")
        (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
    (instance $c (instantiate $callee))
    (core module $libc (memory (export "memory") 64))
    (core instance $libc (instantiate $libc))
    (core func $f (canon lower (func $c "f") (memory (core memory $libc "memory"))))
    (core module $m
      (import "" "f" (func $f {core} (result i32)))
      (func (export "run") (param $count i32) (param $len i32) (result i32)
        (loop $again
          (drop (call $f {args}))
          (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
        (i32.const 0)))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "run") (param "count" u32) (param "len" u32) (result u32)
      (canon lift (core func $i "run")))))",
      fmt::arg("param", call.param), fmt::arg("core", call.core), fmt::arg("args", call.args),
      fmt::arg("extra", call.extra));
}

void run(benchmark::State& state, const Call& call, Fusing fusing) {
  const std::vector<uint8_t> bytes = wasm::wat2wasm(text_of(call)).value();
  const auto prepared =
      PreparedComponent::create(engine(), bytes, HostRegistry(), {.fusing = fusing}).value();
  const auto instance = ComponentInstance::create_blocking(prepared, {}).value();
  const LiftIndex function = prepared->find_function("", "run").value();
  const auto length = static_cast<uint64_t>(state.range(0));
  const uint64_t count = length > 10'000 ? 20 : 10'000;
  const std::vector<DynamicValue> args{DynamicValue::scalar(count), DynamicValue::scalar(length)};
  for (auto _ : state) {
    auto result = instance->call(function, args);
    if (!result) state.SkipWithError(result.error().message().c_str());
  }
  state.counters["call"] =
      benchmark::Counter(static_cast<double>(count) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void BM_Memcpy(benchmark::State& state) {
  const auto size = static_cast<size_t>(state.range(0));
  std::vector<uint8_t> from(size + 4096, 1);
  std::vector<uint8_t> to(size + 4096, 2);
  for (auto _ : state) {
    for (int i = 0; i < 20; ++i) {
      std::memcpy(to.data() + 1024, from.data() + 1024, size);
      benchmark::DoNotOptimize(to.data());
      benchmark::ClobberMemory();
    }
  }
  state.counters["call"] =
      benchmark::Counter(20.0 * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

BENCHMARK(BM_Memcpy)->Arg(1 << 20);
BENCHMARK_CAPTURE(run, integer_host, kInteger, Fusing::Off)->Arg(1);
BENCHMARK_CAPTURE(run, integer, kInteger, Fusing::On)->Arg(1);
BENCHMARK_CAPTURE(run, integer_guarded, kGuarded, Fusing::On)->Arg(1);
BENCHMARK_CAPTURE(run, option, kEnum, Fusing::On)->Arg(1);
BENCHMARK_CAPTURE(run, bytes_host, kBytes, Fusing::Off)->Arg(1 << 20);
BENCHMARK_CAPTURE(run, bytes, kBytes, Fusing::On)->Arg(0)->Arg(8)->Arg(1 << 20);
BENCHMARK_CAPTURE(run, string_host, kString, Fusing::Off)->Arg(5);
BENCHMARK_CAPTURE(run, string, kString, Fusing::On)->Arg(5)->Arg(100)->Arg(1 << 20);
BENCHMARK_CAPTURE(run, records, kRecords, Fusing::On)->Arg(1000);

}  // namespace
}  // namespace spindle::component

BENCHMARK_MAIN();
