// Several stacks in one store: left and entered again in any order, one inside another, unwound.

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "io/event_loop.h"
#include "wasm/async_call.h"
#include "wasm/linker.h"
#include "wasm/store.h"
#include "wasm/testing.h"

namespace spindle::wasm {
namespace {

using testing::func_of;
using testing::manual_engine;
using testing::module_of;

// Driven by hand: nobody waits for it.
class Stop final : public Suspension {
 public:
  io::Task<void> wait() override { co_return; }
};

// recurse(depth, seed): keeps what it knows on its stack, stops at every level on the way down and
// up, and returns a number that depends on all of it. Growing the memory in between moves nothing
// that a stack relies on.
constexpr std::string_view kRecurse = R"((module
  (import "" "stop" (func $stop (param i32)))
  (memory 1 64)
  (func $suspend)
  (func $recurse (export "recurse") (param $depth i32) (param $seed i32) (result i32)
    (local $kept i32) (local $float f64)
    (local.set $kept (i32.mul (local.get $seed) (i32.const 31)))
    (local.set $float (f64.convert_i32_s (local.get $seed)))
    (call $stop (local.get $seed)) (call $suspend)
    (if (i32.eqz (local.get $depth)) (then (return (local.get $kept))))
    (drop (memory.grow (i32.const 0)))
    (local.set $kept (i32.add (local.get $kept)
      (call $recurse (i32.sub (local.get $depth) (i32.const 1))
                     (i32.add (local.get $seed) (i32.const 1)))))
    (call $stop (local.get $seed)) (call $suspend)
    (i32.add (local.get $kept) (i32.trunc_f64_s (local.get $float))))))";

int32_t expected(int32_t depth, int32_t seed) {
  if (depth == 0) return seed * 31;
  return seed * 31 + expected(depth - 1, seed + 1) + seed;
}

struct Fixture {
  io::EventLoop loop;
  Stop stop;
  std::unique_ptr<Store> store;
  std::vector<int32_t> stops;

  Fixture() {
    StoreOptions options;
    options.loop = &loop;
    store = std::make_unique<Store>(manual_engine(), options, this);
  }
  static Result<void> on_stop(void*, Caller& caller, std::span<RawValue> cells) {
    auto& f = caller.data<Fixture>();
    f.stops.push_back(cells[0].i32);
    return caller.store().set_suspension(f.stop);
  }
  Func recurse();
};

const HostFunction kStop({{ValueType::I32}, {}}, &Fixture::on_stop);

Func Fixture::recurse() {
  std::vector<Extern> imports = {store->define(kStop)};
  auto module = module_of(manual_engine(), kRecurse);
  return func_of(*store, store->instantiate(module, imports).value(), "recurse");
}

struct Running {
  std::array<RawValue, 2> cells{};
  std::unique_ptr<Fiber> fiber;
  bool is_done = false;

  Running(Store& store, Func func, int32_t depth, int32_t seed) {
    cells[0] = RawValue::from_i32(depth);
    cells[1] = RawValue::from_i32(seed);
    fiber =
        std::make_unique<Fiber>(store, [this, &store, func] { return store.call(func, cells); });
  }
};

TEST(Fiber, ManyStacksOfOneStoreInterleaveInAnyOrder) {
  for (uint32_t seed : {1U, 2U, 3U}) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Fixture f;
    Func func = f.recurse();
    std::vector<std::unique_ptr<Running>> runs;
    for (int32_t i = 0; i < 12; ++i) {
      runs.push_back(std::make_unique<Running>(*f.store, func, i % 7, i * 100));
    }
    size_t left = runs.size();
    while (left != 0) {
      Running& run = *runs[random() % runs.size()];
      if (run.is_done) continue;
      run.is_done = run.fiber->resume();
      if (!run.is_done) {
        EXPECT_EQ(run.fiber->suspension(), &f.stop);
        continue;
      }
      --left;
    }
    for (size_t i = 0; i < runs.size(); ++i) {
      ASSERT_TRUE(runs[i]->fiber->take_result().has_value());
      const auto number = static_cast<int32_t>(i);
      EXPECT_EQ(runs[i]->cells[0].i32, expected(number % 7, number * 100));
    }
  }
}

// A host function that starts a fiber of its own, and goes on when that has to wait.
struct Nesting : Fixture {
  std::unique_ptr<Running> inner;
  bool inner_was_done = true;

  static Result<void> on_nest(void*, Caller& caller, std::span<RawValue> cells) {
    auto& f = static_cast<Nesting&>(caller.data<Fixture>());
    f.inner = std::make_unique<Running>(*f.store, f.recurse(), 3, 50);
    f.inner_was_done = f.inner->fiber->resume();
    cells[0] = RawValue::from_i32(7);
    return {};
  }
};

const HostFunction kNest({{}, {ValueType::I32}}, &Nesting::on_nest);

constexpr std::string_view kOuter = R"((module
  (import "" "nest" (func $nest (result i32)))
  (import "" "stop" (func $stop (param i32)))
  (func $suspend)
  (func (export "run") (result i32)
    (local $kept i32)
    (call $stop (i32.const 1)) (call $suspend)
    (local.set $kept (call $nest))
    (call $stop (i32.const 2)) (call $suspend)
    (local.get $kept))))";

TEST(Fiber, OneInsideAHostFunctionOfAnotherReturnsThereWhenItWaits) {
  Nesting f;
  std::vector<Extern> imports = {f.store->define(kNest), f.store->define(kStop)};
  auto module = module_of(manual_engine(), kOuter);
  Func run = func_of(*f.store, f.store->instantiate(module, imports).value(), "run");
  std::array<RawValue, 1> cell{};
  Fiber outer(*f.store, [&] { return f.store->call(run, cell); });
  EXPECT_FALSE(outer.resume());
  EXPECT_FALSE(outer.resume());  // nests, and stops itself afterwards
  ASSERT_NE(f.inner, nullptr);
  EXPECT_FALSE(f.inner_was_done);
  EXPECT_EQ(outer.suspension(), &f.stop);
  // The inner one goes on without the outer one, and outlives it.
  EXPECT_FALSE(f.inner->fiber->resume());
  EXPECT_TRUE(outer.resume());
  ASSERT_TRUE(outer.take_result().has_value());
  EXPECT_EQ(cell[0].i32, 7);
  while (!f.inner->fiber->resume()) {
  }
  ASSERT_TRUE(f.inner->fiber->take_result().has_value());
  EXPECT_EQ(f.inner->cells[0].i32, expected(3, 50));
}

TEST(Fiber, SynchronousCallsRunBesideStoppedOnes) {
  Fixture f;
  Func func = f.recurse();
  Running stopped(*f.store, func, 2, 1);
  ASSERT_FALSE(stopped.fiber->resume());
  auto module = module_of(manual_engine(), R"((module
    (func (export "add") (param i32 i32) (result i32)
      (i32.add (local.get 0) (local.get 1)))))");
  Func add = func_of(*f.store, f.store->instantiate(module, {}).value(), "add");
  std::array<RawValue, 2> cells{RawValue::from_i32(2), RawValue::from_i32(3)};
  ASSERT_TRUE(f.store->call(add, cells).has_value());
  EXPECT_EQ(cells[0].i32, 5);
  while (!stopped.fiber->resume()) {
  }
  EXPECT_EQ(stopped.cells[0].i32, expected(2, 1));
}

TEST(Fiber, ATrapInOneLeavesTheOthersStacksWhole) {
  Fixture f;
  Func func = f.recurse();
  auto module = module_of(manual_engine(), R"((module (func (export "trap") unreachable)))");
  Func trap = func_of(*f.store, f.store->instantiate(module, {}).value(), "trap");
  Running stopped(*f.store, func, 4, 9);
  ASSERT_FALSE(stopped.fiber->resume());
  Fiber failing(*f.store, [&] { return f.store->call(trap, {}); });
  ASSERT_TRUE(failing.resume());
  EXPECT_EQ(failing.take_result().error().kind(), ErrorKind::Trap);
  while (!stopped.fiber->resume()) {
  }
  EXPECT_EQ(stopped.cells[0].i32, expected(4, 9));
}

TEST(Fiber, AreUnwoundInAnyOrderAndWithTheStore) {
  for (int round = 0; round < 30; ++round) {
    Fixture f;
    Func func = f.recurse();
    std::vector<std::unique_ptr<Running>> runs;
    for (int32_t i = 0; i < 6; ++i) {
      runs.push_back(std::make_unique<Running>(*f.store, func, i, i));
      for (int32_t step = 0; step <= i; ++step) runs.back()->fiber->resume();
    }
    runs.erase(runs.begin() + round % 6);
    runs.erase(runs.begin() + round % 5);
    f.store.reset();
    for (auto& run : runs) EXPECT_TRUE(run->fiber->resume());
  }
}

// Resumes `inner` inside a host function.
struct Ticking : Fixture {
  std::unique_ptr<Fiber> inner;
  bool inner_was_done = false;

  static Result<void> on_tick(void*, Caller& caller, std::span<RawValue>) {
    caller.store().engine().tick();
    return {};
  }
  static Result<void> on_resume(void*, Caller& caller, std::span<RawValue>) {
    auto& f = static_cast<Ticking&>(caller.data<Fixture>());
    f.inner_was_done = f.inner->resume();
    return {};
  }
};

const HostFunction kTick({{}, {}}, &Ticking::on_tick);
const HostFunction kResume({{}, {}}, &Ticking::on_resume);

TEST(Fiber, ANestedOneIsNotLeftAtATick) {
  Ticking f;
  std::vector<Extern> imports = {f.store->define(kTick), f.store->define(kResume)};
  auto module = module_of(manual_engine(), R"((module
    (import "" "tick" (func $tick))
    (import "" "resume" (func $resume))
    (func $empty)
    (func (export "inner") (call $tick) (call $empty) (call $tick) (call $empty))
    (func (export "outer") (call $resume) (call $tick) (call $empty))))");
  Instance instance = f.store->instantiate(module, imports).value();
  Func inner = func_of(*f.store, instance, "inner");
  Func outer = func_of(*f.store, instance, "outer");
  f.inner = std::make_unique<Fiber>(*f.store, [&] { return f.store->call(inner, {}); });
  Fiber whole(*f.store, [&] { return f.store->call(outer, {}); });
  EXPECT_FALSE(whole.resume());  // at its own tick
  EXPECT_TRUE(f.inner_was_done);
  EXPECT_EQ(whole.suspension(), nullptr);
  EXPECT_TRUE(whole.resume());
  EXPECT_TRUE(whole.take_result().has_value());
}

}  // namespace
}  // namespace spindle::wasm
