#include "wasm/async_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/event.h"
#include "io/event_loop.h"
#include "wasm/linker.h"
#include "wasm/store.h"
#include "wasm/testing.h"

namespace spindle::wasm {
namespace {

using testing::func_of;
using testing::manual_engine;
using testing::module_of;
using testing::ticking_engine;

// A host function that waits: start / suspend / finish over an event that the test sets.
class Gate : public Suspension {
 public:
  explicit Gate(io::EventLoop& loop) : event_(loop) {}

  io::Task<void> wait() override {
    ++waits_;
    is_waiting_ = true;
    auto opened = event_.wait();
    co_await std::move(opened);
    is_waiting_ = false;
  }
  void open() { event_.set(); }
  bool is_waiting() const { return is_waiting_; }
  int waits() const { return waits_; }

  static Result<void> start(void*, Caller& caller, std::span<RawValue> cells) {
    Gate& gate = caller.data<Gate>();
    bool is_pending = !gate.event_.is_set();
    if (is_pending) TRY(caller.store().set_suspension(gate));
    cells[0] = RawValue::from_i32(is_pending);
    return {};
  }
  static Result<void> finish(void*, Caller& caller, std::span<RawValue> cells) {
    cells[0] = RawValue::from_i32(caller.data<Gate>().event_.is_set() ? 42 : -1);
    return {};
  }

 private:
  io::Event event_;
  int waits_ = 0;
  bool is_waiting_ = false;
};

const HostFunction kStart({{}, {ValueType::I32}}, &Gate::start);
const HostFunction kFinish({{}, {ValueType::I32}}, &Gate::finish);

// Glue with an own empty function to enter.
constexpr std::string_view kGlue = R"((module
  (import "" "start" (func $start (result i32)))
  (import "" "finish" (func $finish (result i32)))
  (func (export "run") (result i32)
    (if (call $start) (then (call $suspend)))
    (call $finish))
  (func $suspend)))";

constexpr std::string_view kGlueWithImport = R"((module
  (import "" "start" (func $start (result i32)))
  (import "" "finish" (func $finish (result i32)))
  (import "" "suspend" (func $suspend))
  (func (export "run") (result i32)
    (if (call $start) (then (call $suspend)))
    (call $finish))))";

struct Fixture {
  io::EventLoop loop;
  Gate gate{loop};
  StoreOptions options;
  std::unique_ptr<Store> store;
  io::TaskGroup group{loop};
  RawValue cell{};
  std::optional<Result<void>> result;

  explicit Fixture(const std::shared_ptr<const Engine>& engine = manual_engine(),
                   uint64_t cpu_budget = kUnlimitedTicks) {
    options.loop = &loop;
    options.cpu_budget = cpu_budget;
    store = std::make_unique<Store>(engine, options, &gate);
  }
  Func glue(std::string_view text = kGlue) {
    std::vector<Extern> imports = {store->define(kStart), store->define(kFinish)};
    if (text == kGlueWithImport) imports.emplace_back(store->suspend_function().value());
    auto module = module_of(manual_engine(), text);
    return func_of(*store, store->instantiate(module, imports).value(), "run");
  }
  io::Task<void> run(io::Task<Result<void>> task) { result = co_await std::move(task); }
  void spawn(io::Task<Result<void>> task) { group.spawn(run(std::move(task))); }
  void spawn_call(Func func) { spawn(call_async(*store, func, {&cell, 1})); }
  // How often another task of the loop got its turn until the condition held.
  int turns_until(std::function<bool()> condition) {
    int turns = 0;
    loop.block_on(count_turns(std::move(condition), turns));
    return turns;
  }
  io::Task<void> count_turns(std::function<bool()> condition, int& turns) {
    while (!condition()) {
      ++turns;
      auto turn = io::yield(loop);
      co_await std::move(turn);
    }
  }
  void poll(int times = 5) {
    for (int i = 0; i < times; ++i) loop.poll();
  }
};

TEST(AsyncCall, CompletesAtOnceWhenNothingWaits) {
  Fixture f;
  f.gate.open();
  Func func = f.glue();
  ASSERT_TRUE(f.loop.block_on(call_async(*f.store, func, {&f.cell, 1})));
  EXPECT_EQ(f.cell.i32, 42);
  EXPECT_EQ(f.gate.waits(), 0);
}

TEST(AsyncCall, WaitsForASuspensionWhileOtherTasksRun) {
  for (std::string_view text : {kGlue, kGlueWithImport}) {
    Fixture f;
    f.spawn_call(f.glue(text));
    f.poll();
    EXPECT_TRUE(f.gate.is_waiting());
    EXPECT_FALSE(f.result);
    f.gate.open();
    f.poll();
    ASSERT_TRUE(f.result && f.result->has_value());
    EXPECT_EQ(f.cell.i32, 42);
    EXPECT_EQ(f.gate.waits(), 1);
    EXPECT_EQ(f.store->cpu_ticks(), 0u);
  }
}

TEST(AsyncCall, MayBeRepeatedInOneStore) {
  Fixture f;
  Func func = f.glue();
  for (int i = 0; i < 3; ++i) {
    f.result.reset();
    f.spawn_call(func);
    f.poll();
    f.gate.open();
    f.poll();
    EXPECT_TRUE(f.result && f.result->has_value());
  }
}

// The outer guest calls a synchronous host function, which calls the inner guest.
Result<void> call_inner(void* env, Caller& caller, std::span<RawValue> cells) {
  return caller.store().call(*static_cast<Func*>(env), cells.first(1)).context("nested");
}

constexpr std::string_view kOuter = R"((module
  (import "" "inner" (func $inner (result i32)))
  (func (export "run") (result i32) (i32.add (call $inner) (i32.const 1)))))";

struct Nested : Fixture {
  Func inner;
  HostFunction host;
  Func outer;
  explicit Nested(std::string_view inner_text = kGlue,
                  const std::shared_ptr<const Engine>& engine = manual_engine())
      : Fixture(engine), inner(glue(inner_text)), host({{}, {ValueType::I32}}, call_inner, &inner) {
    std::vector<Extern> imports = {store->define(host)};
    outer = func_of(*store, store->instantiate(module_of(manual_engine(), kOuter), imports).value(),
                    "run");
  }
};

TEST(AsyncCall, SuspendsBelowANestedHostCall) {
  for (std::string_view text : {kGlue, kGlueWithImport}) {
    Nested f(text);
    f.spawn_call(f.outer);
    f.poll();
    EXPECT_TRUE(f.gate.is_waiting());
    f.gate.open();
    f.poll();
    ASSERT_TRUE(f.result && f.result->has_value());
    EXPECT_EQ(f.cell.i32, 43);
  }
}

TEST(AsyncCall, CancelingUnwindsNestedHostCalls) {
  Nested f;
  f.spawn_call(f.outer);
  f.poll();
  ASSERT_TRUE(f.gate.is_waiting());
  f.group.cancel();
  f.poll();
  EXPECT_EQ(f.group.size(), 0u);
  EXPECT_FALSE(f.result);
  EXPECT_FALSE(f.store->can_suspend());
}

TEST(AsyncCall, ANestedCallSeesTheCancelation) {
  Fixture f;
  Func func = f.glue();
  std::optional<ErrorKind> seen;
  std::optional<ErrorKind> seen_later;
  f.spawn(run_async(*f.store, [&]() -> Result<void> {
    RawValue cell{};
    auto nested = f.store->call(func, {&cell, 1});
    if (!nested) seen = nested.error().kind();
    auto later = f.store->call(func, {&cell, 1});
    if (!later) seen_later = later.error().kind();
    return {};
  }));
  f.poll();
  ASSERT_TRUE(f.gate.is_waiting());
  f.group.cancel();
  f.poll();
  EXPECT_EQ(seen, ErrorKind::Canceled);
  EXPECT_EQ(seen_later, ErrorKind::Canceled);
}

TEST(AsyncCall, DroppingTheStoreUnwindsTheGuest) {
  Fixture f(ticking_engine());
  auto module = module_of(ticking_engine(), R"((module (func (export "run") (loop (br 0)))))");
  Func func = func_of(*f.store, f.store->instantiate(module, {}).value(), "run");
  bool is_unwound = false;
  f.spawn(run_async(*f.store, [&, store = f.store.get()]() -> Result<void> {
    auto result = store->call(func, {});
    is_unwound = !result && result.error().kind() == ErrorKind::Canceled;
    return result;
  }));
  f.turns_until([&] { return f.store->cpu_ticks() >= 2; });
  f.store.reset();
  EXPECT_TRUE(is_unwound);
  f.poll();
  ASSERT_TRUE(f.result && !f.result->has_value());
  EXPECT_EQ(f.result->error().kind(), ErrorKind::Canceled);
}

TEST(AsyncCall, AnEndlessLoopLetsOthersRunUntilItsBudgetIsUsedUp) {
  Fixture f(ticking_engine(), 5);
  auto module = module_of(ticking_engine(), R"((module (func (export "run") (loop (br 0)))))");
  Func func = func_of(*f.store, f.store->instantiate(module, {}).value(), "run");
  f.spawn(call_async(*f.store, func, {}));
  int turns = f.turns_until([&] { return f.result.has_value(); });
  EXPECT_GE(turns, 4);
  ASSERT_TRUE(f.result && !f.result->has_value());
  EXPECT_EQ(f.result->error().kind(), ErrorKind::Timeout);
  EXPECT_EQ(f.store->cpu_ticks(), 5u);
}

TEST(AsyncCall, ANestedCallCrossesEpochTicks) {
  // As a realloc called by a host function would: the guest counts until two ticks have passed.
  Fixture f(ticking_engine());
  HostFunction ticks({{}, {ValueType::I32}},
                     [](void*, Caller& caller, std::span<RawValue> cells) -> Result<void> {
                       cells[0] = RawValue::from_u64(caller.store().cpu_ticks());
                       return {};
                     });
  auto inner_module = module_of(ticking_engine(), R"((module
    (import "" "ticks" (func $ticks (result i32)))
    (func (export "run") (result i32)
      (loop $again (br_if $again (i32.lt_u (call $ticks) (i32.const 2))))
      (i32.const 7))))");
  std::vector<Extern> imports = {f.store->define(ticks)};
  Func inner = func_of(*f.store, f.store->instantiate(inner_module, imports).value(), "run");
  HostFunction host({{}, {ValueType::I32}}, call_inner, &inner);
  std::vector<Extern> outer_imports = {f.store->define(host)};
  Func outer = func_of(
      *f.store, f.store->instantiate(module_of(ticking_engine(), kOuter), outer_imports).value(),
      "run");
  ASSERT_TRUE(f.loop.block_on(call_async(*f.store, outer, {&f.cell, 1})));
  EXPECT_EQ(f.cell.i32, 8);
  EXPECT_GE(f.store->cpu_ticks(), 2u);
}

TEST(AsyncCall, AStartFunctionThatLoopsIsStopped) {
  Fixture f(ticking_engine(), 2);
  auto module = module_of(ticking_engine(), R"((module (func $f (loop (br 0))) (start $f)))");
  auto instance = f.store->instantiate(module, {}).value();
  ASSERT_TRUE(module.start_export());
  Func start = func_of(*f.store, instance, *module.start_export());
  auto result = f.loop.block_on(call_async(*f.store, start, {}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::Timeout);
}

TEST(AsyncCall, HostErrorsAndTrapsComeBack) {
  Fixture f;
  auto module = module_of(manual_engine(), R"((module (func (export "run") (unreachable))))");
  Func func = func_of(*f.store, f.store->instantiate(module, {}).value(), "run");
  auto trapped = f.loop.block_on(call_async(*f.store, func, {}));
  EXPECT_EQ(trapped.error().kind(), ErrorKind::Trap);
  EXPECT_EQ(f.store->trap()->frames.size(), 1u);
  auto denied =
      f.loop.block_on(run_async(*f.store, []() -> Result<void> { return Error::denied("no"); }));
  EXPECT_EQ(denied.error().kind(), ErrorKind::Denied);
  auto thrown = f.loop.block_on(
      run_async(*f.store, []() -> Result<void> { throw std::runtime_error("boom"); }));
  EXPECT_EQ(thrown.error().kind(), ErrorKind::Internal);
}

TEST(AsyncCall, InstancesAreMadeInsideOne) {
  Fixture f;
  HostFunction host({{}, {ValueType::I32}}, [](void*, Caller&, std::span<RawValue> cells) {
    cells[0] = RawValue::from_i32(5);
    return Result<void>();
  });
  Linker linker(manual_engine());
  ASSERT_TRUE(linker.define("", "inner", host));
  auto module = module_of(manual_engine(), kOuter);
  auto pre = linker.prepare(module).value();
  // An active segment whose offset is only known at run time needs code while instantiating.
  auto late = module_of(manual_engine(), R"((module
    (import "" "offset" (global i32)) (table (export "t") 4 funcref)
    (memory (export "m") 1) (func $f) (elem (global.get 0) $f)
    (data (global.get 0) "x")))");
  auto globals = module_of(manual_engine(), R"((module (global (export "g") i32 (i32.const 2))))");
  auto task = run_async(*f.store, [&]() -> Result<void> {
    std::vector<Extern> imports = {f.store->define(host)};
    for (int i = 0; i < 2; ++i) {
      auto instance = i == 0 ? f.store->instantiate(module, imports) : pre.instantiate(*f.store);
      auto ready = TRY(std::move(instance));
      auto result = TRY(testing::call_i32(*f.store, func_of(*f.store, ready, "run"), {}));
      EXPECT_EQ(result, 6);
    }
    auto holder = TRY(f.store->instantiate(globals, {}));
    std::vector<Extern> offset = {*holder.find_export(*f.store, "g")};
    auto filled = TRY(f.store->instantiate(late, offset));
    EXPECT_EQ(filled.find_memory(*f.store, "m")->bytes(*f.store)[2], 'x');
    return {};
  });
  auto result = f.loop.block_on(std::move(task));
  EXPECT_TRUE(result) << result.error().to_string();
}

TEST(AsyncCall, RefusesWhatCannotWork) {
  Fixture f;
  Func func = f.glue();
  RawValue cell{};
  auto sync = f.store->call(func, {&cell, 1});
  ASSERT_FALSE(sync);
  EXPECT_EQ(sync.error().message(), "cannot wait inside a synchronous call");

  Store without_loop(manual_engine(), {});
  auto none = f.loop.block_on(run_async(without_loop, [] { return Result<void>(); }));
  EXPECT_EQ(none.error().kind(), ErrorKind::Internal);
}

TEST(AsyncCall, ManyStoresAreSuspendedAtTheSameTime) {
  io::EventLoop loop;
  std::vector<std::unique_ptr<Fixture>> all;
  for (int i = 0; i < 8; ++i) {
    auto& f = *all.emplace_back(std::make_unique<Fixture>());
    f.spawn_call(f.glue());
    f.poll();
    EXPECT_TRUE(f.gate.is_waiting());
  }
  // Not in the order in which they stopped.
  for (size_t i : {3, 0, 7, 1, 6, 2, 5, 4}) {
    all[i]->gate.open();
    all[i]->poll();
    EXPECT_TRUE(all[i]->result && all[i]->result->has_value());
    EXPECT_EQ(all[i]->cell.i32, 42);
  }
}

TEST(AsyncCall, GivenUpCallsReturnTheirStacks) {
  // Many times the engine's number of stacks.
  for (int i = 0; i < 200; ++i) {
    Fixture f;
    f.spawn_call(f.glue());
    f.poll();
    ASSERT_TRUE(f.gate.is_waiting()) << i;
    f.group.cancel();
    f.poll();
    ASSERT_EQ(f.group.size(), 0u);
  }
}

}  // namespace
}  // namespace spindle::wasm
