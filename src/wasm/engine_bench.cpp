// One request's worth of engine work: a store, an instance, one call with four host calls, the end
// of it all. By kind of call, allocation and way to instantiate.

#include <benchmark/benchmark.h>

#include "io/event_loop.h"
#include "wasm/async_call.h"
#include "wasm/linker.h"
#include "wasm/store.h"

namespace spindle::wasm {
namespace {

constexpr std::string_view kGuest = R"((module
  (import "host" "add-one" (func $add (param i32) (result i32)))
  (memory (export "memory") 17)
  (table 16 funcref)
  (data (i32.const 1024) "some data to copy on write")
  (func (export "run") (param i32) (result i32)
    (i32.store (i32.const 2048) (local.get 0))
    (call $add (call $add (call $add (call $add (local.get 0))))))))";

Result<void> add_one(void*, Caller&, std::span<RawValue> cells) {
  cells[0] = RawValue::from_i32(cells[0].i32 + 1);
  return {};
}

const HostFunction kAddOne({{ValueType::I32}, {ValueType::I32}}, add_one);

std::shared_ptr<const Engine> engine_of(Pooling pooling) {
  static std::shared_ptr<const Engine> engines[2];
  auto& engine = engines[pooling == Pooling::Off];
  if (!engine) engine = Engine::create({.pooling = pooling}).value();
  return engine;
}

InstancePre prepared(const std::shared_ptr<const Engine>& engine) {
  Linker linker(engine);
  linker.define("host", "add-one", kAddOne).value();
  return linker.prepare(Module::compile(engine, wat2wasm(kGuest).value()).value()).value();
}

void check(benchmark::State& state, const Result<void>& result, int32_t value) {
  if (!result || value != 5) state.SkipWithError("wrong result");
}

void BM_SyncRequest(benchmark::State& state) {
  auto engine = engine_of(static_cast<Pooling>(state.range(0)));
  auto pre = prepared(engine);
  for (auto _ : state) {
    Store store(engine, {});
    auto instance = pre.instantiate(store).value();
    RawValue cell = RawValue::from_i32(1);
    check(state, store.call(*instance.find_func(store, "run"), {&cell, 1}), cell.i32);
  }
}
BENCHMARK(BM_SyncRequest)->Arg(int(Pooling::On))->Arg(int(Pooling::Off));

void BM_InstantiateOnly(benchmark::State& state) {
  auto engine = engine_of(static_cast<Pooling>(state.range(0)));
  auto pre = prepared(engine);
  for (auto _ : state) {
    Store store(engine, {});
    benchmark::DoNotOptimize(pre.instantiate(store).value());
  }
}
BENCHMARK(BM_InstantiateOnly)->Arg(int(Pooling::On))->Arg(int(Pooling::Off));

// Host functions made for the store, imports given one by one: the plan path.
void BM_SyncRequestUnprepared(benchmark::State& state) {
  auto engine = engine_of(Pooling::On);
  auto module = Module::compile(engine, wat2wasm(kGuest).value()).value();
  for (auto _ : state) {
    Store store(engine, {});
    Extern imports[] = {store.define(kAddOne)};
    auto instance = store.instantiate(module, imports).value();
    RawValue cell = RawValue::from_i32(1);
    check(state, store.call(*instance.find_func(store, "run"), {&cell, 1}), cell.i32);
  }
}
BENCHMARK(BM_SyncRequestUnprepared);

io::Task<void> run_requests(benchmark::State& state, io::EventLoop& loop) {
  auto engine = engine_of(static_cast<Pooling>(state.range(0)));
  auto pre = prepared(engine);
  for (auto _ : state) {
    Store store(engine, {.loop = &loop});
    auto instance = pre.instantiate(store).value();
    Func func = *instance.find_func(store, "run");
    RawValue cell = RawValue::from_i32(1);
    auto task = call_async(store, func, {&cell, 1});
    auto result = co_await std::move(task);
    check(state, result, cell.i32);
  }
}

void BM_AsyncRequest(benchmark::State& state) {
  io::EventLoop loop;
  loop.block_on(run_requests(state, loop));
}
BENCHMARK(BM_AsyncRequest)->Arg(int(Pooling::On))->Arg(int(Pooling::Off));

class Turn : public Suspension {
 public:
  explicit Turn(io::EventLoop& loop) : loop_(loop) {}
  io::Task<void> wait() override { return io::yield(loop_); }

 private:
  io::EventLoop& loop_;
};

io::Task<void> run_suspensions(benchmark::State& state, io::EventLoop& loop) {
  auto engine = engine_of(Pooling::On);
  HostFunction start({}, [](void*, Caller& caller, std::span<RawValue>) {
    return caller.store().set_suspension(caller.data<Turn>());
  });
  Linker linker(engine);
  linker.define("", "start", start).value();
  auto pre = linker
                 .prepare(Module::compile(engine, wat2wasm(R"((module
                   (import "" "start" (func $start))
                   (func (export "run") (call $start) (call $suspend))
                   (func $suspend)))")
                                                      .value())
                              .value())
                 .value();
  Turn turn(loop);
  Store store(engine, {.loop = &loop}, &turn);
  auto instance = pre.instantiate(store).value();
  Func func = *instance.find_func(store, "run");
  for (auto _ : state) {
    auto task = call_async(store, func, {});
    auto result = co_await std::move(task);
    if (!result) state.SkipWithError("failed");
  }
}

void BM_SuspendedCall(benchmark::State& state) {
  io::EventLoop loop;
  loop.block_on(run_suspensions(state, loop));
}
BENCHMARK(BM_SuspendedCall);

void BM_HostCall(benchmark::State& state) {
  auto engine = engine_of(Pooling::On);
  Store store(engine, {});
  auto instance = prepared(engine).instantiate(store).value();
  Func func = *instance.find_func(store, "run");
  for (auto _ : state) {
    RawValue cell = RawValue::from_i32(1);
    check(state, store.call(func, {&cell, 1}), cell.i32);
  }
}
BENCHMARK(BM_HostCall);

}  // namespace
}  // namespace spindle::wasm

BENCHMARK_MAIN();
