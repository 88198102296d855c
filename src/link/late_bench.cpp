// What a late call costs: integers, a string of 1 KiB there and back, and the first call, which
// makes the callee's instance.

#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include "io/event_loop.h"
#include "link/late_interface.h"
#include "link/plain.h"
#include "wasm/engine.h"

namespace spindle::link {
namespace {

using component::DynamicValue;

constexpr std::string_view kPlugin = "bench:late/plugin";

// add: func(a: u32, b: u32) -> u32, echo: func(x: string) -> string
constexpr std::string_view kCallee = R"((component
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1))
      (i32.const 8)))
  (core instance $i (instantiate $m))
  (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (func $echo (param "x" string) (result string)
    (canon lift (core func $i "echo") (memory (core memory $i "mem"))
      (realloc (core func $i "realloc"))))
  (instance $api (export "add" (func $add)) (export "echo" (func $echo)))
  (export "bench:late/plugin" (instance $api))))";

// Each calls its import so many times.
constexpr std::string_view kImporter = R"((component
  (import "bench:late/plugin" (instance $p
    (export "add" (func (param "a" u32) (param "b" u32) (result u32)))
    (export "echo" (func (param "x" string) (result string)))))
  (core module $libc
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8192)))
  (core instance $libc (instantiate $libc))
  (core func $add (canon lower (func $p "add")))
  (core func $echo (canon lower (func $p "echo") (memory (core memory $libc "mem"))
    (realloc (core func $libc "realloc"))))
  (core module $m
    (import "" "add" (func $add (param i32 i32) (result i32)))
    (import "" "echo" (func $echo (param i32 i32 i32)))
    (func (export "add") (param $n i32) (loop $l
      (drop (call $add (local.get $n) (i32.const 1)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "echo") (param $n i32) (loop $l
      (call $echo (i32.const 1024) (i32.const 1024) (i32.const 16))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
  (core instance $i (instantiate $m (with "" (instance
    (export "add" (func $add)) (export "echo" (func $echo))))))
  (func (export "add") (param "n" u32) (canon lift (core func $i "add")))
  (func (export "echo") (param "n" u32) (canon lift (core func $i "echo")))))";

class Bench {
 public:
  Bench() {
    component::HostRegistry registry;
    const auto callee_bytes = wasm::wat2wasm(kCallee).value();
    auto callee = component::PreparedComponent::create(engine_, callee_bytes, registry).value();
    registry.add(late_.interface());
    const auto importer_bytes = wasm::wat2wasm(kImporter).value();
    importer_ = component::PreparedComponent::create(engine_, importer_bytes, registry).value();
    LateBinding binding{{std::string(kPlugin)}, {{"a", Candidate{callee, nullptr}}}};
    table_ = LinkTable::create(importer_, std::span(&binding, 1)).value();
    options_.store.loop = &loop_;
  }

  // One importer that calls `function` `calls` times, and what it linked.
  void run(std::string_view function, uint32_t calls) {
    PlainCallees callees(options_);
    FixedChoice choice("a");
    LinkRequest request(wasm::kUnlimitedTicks);
    LinkSession session(
        {.table = table_, .maker = &callees, .chooser = &choice, .request = &request});
    std::vector<void*> implementations(importer_->interfaces().size());
    bind_late(importer_->interfaces(), session, implementations);
    component::InstanceOptions options = options_;
    options.implementations = implementations;
    auto instance = component::ComponentInstance::create_blocking(importer_, options).value();
    if (calls == 0) return;
    const auto index = importer_->find_function("", function).value();
    const std::array args{DynamicValue::scalar(calls)};
    auto done = loop_.block_on(instance->run([&]() -> Result<void> {
      (void)TRY(instance->call(index, args));
      return {};
    }));
    VERIFY(done.has_value());
  }

 private:
  io::EventLoop loop_;
  std::shared_ptr<const wasm::Engine> engine_ = wasm::Engine::create({}).value();
  LateInterface late_{std::string(kPlugin)};
  std::shared_ptr<const component::PreparedComponent> importer_;
  std::shared_ptr<const LinkTable> table_;
  component::InstanceOptions options_;
};

void BM_Calls(benchmark::State& state, std::string_view function) {
  Bench bench;
  const auto calls = static_cast<uint32_t>(state.range(0));
  for (auto _ : state) bench.run(function, calls);
}

// 0: an importer that is made and dropped; 1: and its first late call; 1001: 1,000 more calls.
BENCHMARK_CAPTURE(BM_Calls, integers, "add")->Arg(0)->Arg(1)->Arg(1001);
BENCHMARK_CAPTURE(BM_Calls, string_1k, "echo")->Arg(1)->Arg(1001);

}  // namespace
}  // namespace spindle::link

BENCHMARK_MAIN();
