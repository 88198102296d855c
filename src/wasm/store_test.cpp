#include "wasm/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <semaphore>
#include <stdexcept>

#include "wasm/linker.h"
#include "wasm/testing.h"

namespace spindle::wasm {
namespace {

using testing::call_i32;
using testing::func_of;
using ::testing::HasSubstr;
using testing::manual_engine;
using testing::module_of;
using testing::ticking_engine;

struct Guest {
  Module module;
  Store store;
  Instance instance;

  explicit Guest(std::string_view text, const StoreOptions& options = {},
                 std::vector<Extern> imports = {},
                 const std::shared_ptr<const Engine>& engine = manual_engine())
      : module(module_of(engine, text)),
        store(engine, options),
        instance(store.instantiate(module, imports).value()) {}
  Func func(std::string_view name) { return func_of(store, instance, name); }
};

TEST(Store, CallsAGuestFunction) {
  Guest guest(R"((module (func (export "add") (param i32 i32) (result i32)
                   (i32.add (local.get 0) (local.get 1)))))");
  EXPECT_EQ(call_i32(guest.store, guest.func("add"), {40, 2}).value(), 42);
  EXPECT_EQ(guest.func("add").type(guest.store),
            (FunctionType{{ValueType::I32, ValueType::I32}, {ValueType::I32}}));
}

TEST(Store, FindsExportsByNameOnly) {
  Guest guest(R"((module (memory (export "memory") 1) (func (export "run"))))");
  EXPECT_TRUE(guest.instance.find_memory(guest.store, "memory"));
  EXPECT_FALSE(guest.instance.find_memory(guest.store, "run"));
  EXPECT_FALSE(guest.instance.find_func(guest.store, "walk"));
}

TEST(Store, ReadsAndWritesMemoriesGlobalsAndTables) {
  Guest guest(R"((module
    (memory (export "memory") 1 3)
    (global (export "count") (mut i64) (i64.const 7))
    (table (export "table") 2 funcref)
    (func $f (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
    (elem (i32.const 1) $f)))");
  Store& store = guest.store;
  auto memory = *guest.instance.find_memory(store, "memory");
  ASSERT_EQ(memory.bytes(store).size(), 65536u);
  memory.bytes(store)[5] = 99;
  EXPECT_EQ(call_i32(store, guest.func("peek"), {5}).value(), 99);
  EXPECT_EQ(memory.grow(store, 2).value(), 1u);
  EXPECT_FALSE(memory.grow(store, 1));

  auto global = *guest.instance.find_export(store, "count")->global();
  EXPECT_EQ(global.get(store).value().i64, 7);
  ASSERT_TRUE(global.set(store, RawValue::from_i64(8)));
  EXPECT_EQ(global.get(store).value().i64, 8);

  auto table = *guest.instance.find_export(store, "table")->table();
  EXPECT_EQ(table.size(store), 2u);
  EXPECT_FALSE(table.get(store, 0).value().has_value());
  EXPECT_EQ(call_i32(store, **table.get(store, 1), {5}).value(), 99);
  ASSERT_TRUE(table.set(store, 0, guest.func("peek")));
  EXPECT_TRUE(table.get(store, 0).value().has_value());
  EXPECT_FALSE(table.get(store, 2));
}

struct Bad {
  const char* body;
  const char* message;
};

TEST(Store, NamesTheCauseOfATrap) {
  constexpr Bad kCases[] = {
      {"(unreachable)", "wasm trap: wasm `unreachable` instruction executed"},
      {"(drop (i32.load (i32.const -1)))", "wasm trap: out of bounds memory access"},
      {"(drop (i32.div_u (i32.const 1) (i32.const 0)))", "wasm trap: integer divide by zero"},
      {"(call_indirect (i32.const 9))", "wasm trap: undefined element: out of bounds table access"},
      {"(call_indirect (i32.const 0))", "wasm trap: uninitialized element"},
      {"(call $run)", "wasm trap: call stack exhausted"},
      {"(throw $tag)", "wasm trap: uncaught exception"},
  };
  for (const Bad& bad : kCases) {
    Guest guest(fmt::format(
        R"((module (memory 1) (table 1 funcref) (tag $tag) (func $run (export "run") {})))",
        bad.body));
    auto result = guest.store.call(guest.func("run"), {});
    ASSERT_FALSE(result) << bad.body;
    EXPECT_EQ(result.error().kind(), ErrorKind::Trap) << bad.body;
    EXPECT_EQ(result.error().message(), bad.message);
  }
}

TEST(Store, TellsWhereAGuestTrapped) {
  Guest guest(R"((module $cart
    (func $total (unreachable))
    (func $main (export "run") (call $total))))");
  EXPECT_FALSE(guest.store.trap());
  ASSERT_FALSE(guest.store.call(guest.func("run"), {}));
  auto trap = guest.store.trap();
  ASSERT_TRUE(trap);
  ASSERT_EQ(trap->frames.size(), 2u);
  EXPECT_EQ(trap->frames[0].module, "cart");
  EXPECT_EQ(trap->frames[0].function, "total");
  EXPECT_EQ(trap->frames[1].function, "main");
  EXPECT_THAT(trap->backtrace(), HasSubstr("0: cart!total @ 0x"));
}

TEST(Store, LimitsTheBacktraceOfAnExhaustedStack) {
  Guest guest(R"((module (func $run (export "run") (call $run))))");
  ASSERT_FALSE(guest.store.call(guest.func("run"), {}));
  EXPECT_EQ(guest.store.trap()->frames.size(), kTrapFramesMax);
  EXPECT_TRUE(guest.store.trap()->is_truncated);
}

Result<void> add_one(void*, Caller&, std::span<RawValue> cells) {
  cells[0] = RawValue::from_i32(cells[0].i32 + 1);
  return {};
}

TEST(HostFunction, ReadsParametersAndWritesResults) {
  HostFunction host({{ValueType::I32}, {ValueType::I32}}, add_one);
  Store store(manual_engine(), {});
  Module module = module_of(manual_engine(), R"((module
    (import "host" "add-one" (func $add (param i32) (result i32)))
    (func (export "run") (param i32) (result i32) (call $add (call $add (local.get 0))))))");
  std::vector<Extern> imports = {store.define(host)};
  auto instance = store.instantiate(module, imports).value();
  EXPECT_EQ(call_i32(store, func_of(store, instance, "run"), {5}).value(), 7);
}

TEST(HostFunction, ComesBackFromTheOutermostCallAsTheSameError) {
  HostFunction fails({}, [](void*, Caller&, std::span<RawValue>) -> Result<void> {
    return std::move(Error::denied("no such host").with_context("inner"));
  });
  // Calls the guest again, which calls `fails`; adds what it was doing.
  HostFunction nests(
      {},
      [](void* env, Caller& caller, std::span<RawValue>) -> Result<void> {
        return caller.store().call(*static_cast<Func*>(env), {}).context("outer");
      },
      nullptr);
  constexpr std::string_view kCalls =
      R"((module (import "" "f" (func $f)) (func (export "run") (call $f))))";
  Store store(manual_engine(), {});
  Module module = module_of(manual_engine(), kCalls);
  std::vector<Extern> inner_imports = {store.define(fails)};
  Func inner = func_of(store, store.instantiate(module, inner_imports).value(), "run");
  HostFunction calls_inner({}, nests.callback(), &inner);
  std::vector<Extern> outer_imports = {store.define(calls_inner)};
  Func outer = func_of(store, store.instantiate(module, outer_imports).value(), "run");

  auto result = store.call(outer, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::Denied);
  EXPECT_EQ(result.error().message(), "no such host");
  EXPECT_THAT(result.error().contexts(), ::testing::ElementsAre("inner", "outer"));
}

TEST(HostFunction, MayRecoverFromANestedFailure) {
  Guest inner(R"((module (func (export "run") (unreachable))))");
  Func func = inner.func("run");
  HostFunction recovers(
      {{}, {ValueType::I32}},
      [](void* env, Caller& caller, std::span<RawValue> cells) -> Result<void> {
        auto nested = caller.store().call(*static_cast<Func*>(env), {});
        cells[0] = RawValue::from_i32(nested ? 1 : 2);
        return {};
      },
      &func);
  Module module = module_of(manual_engine(), R"((module
    (import "" "f" (func $f (result i32)))
    (func (export "run") (result i32) (call $f))
    (func (export "trap") (unreachable))))");
  std::vector<Extern> imports = {inner.store.define(recovers)};
  auto instance = inner.store.instantiate(module, imports).value();
  EXPECT_EQ(call_i32(inner.store, func_of(inner.store, instance, "run"), {}).value(), 2);
  // The recovered failure is not taken for a later one.
  auto later = inner.store.call(func_of(inner.store, instance, "trap"), {});
  EXPECT_EQ(later.error().kind(), ErrorKind::Trap);
}

TEST(HostFunction, ExceptionsBecomeInternalErrors) {
  HostFunction throws({}, [](void*, Caller&, std::span<RawValue>) -> Result<void> {
    throw std::runtime_error("boom");
  });
  Store store(manual_engine(), {});
  auto result = store.call(store.define(throws), {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::Internal);
  EXPECT_THAT(result.error().message(), HasSubstr("boom"));
}

TEST(HostFunction, SeesTheUserDataAndTheCallersExports) {
  HostFunction reads({{}, {ValueType::I32}},
                     [](void*, Caller& caller, std::span<RawValue> cells) -> Result<void> {
                       auto memory = caller.find_export("memory");
                       if (!memory || !memory->memory()) return Error::internal("no memory");
                       auto bytes = memory->memory()->bytes(caller.store());
                       cells[0] = RawValue::from_i32(bytes[0] + caller.data<int>());
                       return {};
                     });
  int data = 100;
  Store store(manual_engine(), {}, &data);
  Module module = module_of(manual_engine(), R"((module
    (import "" "f" (func $f (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "\05")
    (func (export "run") (result i32) (call $f))))");
  std::vector<Extern> imports = {store.define(reads)};
  auto instance = store.instantiate(module, imports).value();
  EXPECT_EQ(call_i32(store, func_of(store, instance, "run"), {}).value(), 105);
}

TEST(Store, RefusesImportsThatDoNotFit) {
  Store store(manual_engine(), {});
  Module module = module_of(manual_engine(), R"((module (import "a" "b" (func (param i32)))))");
  EXPECT_EQ(store.instantiate(module, {}).error().kind(), ErrorKind::InvalidInput);
  HostFunction wrong({}, add_one);
  std::vector<Extern> imports = {store.define(wrong)};
  auto result = store.instantiate(module, imports);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("incompatible import type"));
}

TEST(Store, LimitsMemory) {
  StoreOptions options;
  options.limits.memory_bytes = 4 * 65536;
  Guest guest(R"((module (memory (export "memory") 2)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))))",
              options);
  auto memory = *guest.instance.find_memory(guest.store, "memory");
  EXPECT_EQ(memory.headroom(guest.store), 2u * 65536);
  EXPECT_EQ(call_i32(guest.store, guest.func("grow"), {3}).value(), -1);
  EXPECT_EQ(call_i32(guest.store, guest.func("grow"), {2}).value(), 2);
  EXPECT_EQ(memory.headroom(guest.store), 0u);

  Module large = module_of(manual_engine(), "(module (memory 5))");
  auto result = guest.store.instantiate(large, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::LimitExceeded) << result.error().to_string();
}

TEST(Store, LimitsTheNumberOfInstances) {
  StoreOptions options;
  options.limits.instances = 2;
  Guest guest("(module)", options);
  ASSERT_TRUE(guest.store.instantiate(guest.module, {}));
  auto third = guest.store.instantiate(guest.module, {});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().kind(), ErrorKind::LimitExceeded) << third.error().to_string();
}

TEST(Store, SaysWhenThePoolIsUsedUp) {
  if (manual_engine()->allocation() != Allocation::Pooled) GTEST_SKIP();
  Module module = module_of(manual_engine(), "(module (memory 1))");
  std::vector<std::unique_ptr<Store>> stores;
  std::optional<Error> error;
  for (int i = 0; i < 1000 && !error; ++i) {
    stores.push_back(std::make_unique<Store>(manual_engine(), StoreOptions{}));
    auto result = stores.back()->instantiate(module, {});
    if (!result) error = result.take_error();
  }
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::Unavailable) << error->to_string();
  stores.clear();
  Store store(manual_engine(), {});
  EXPECT_TRUE(store.instantiate(module, {}));
}

TEST(Store, StopsALoopWhenTheCpuBudgetIsUsedUp) {
  StoreOptions options;
  options.cpu_budget = 3;
  Guest guest(R"((module (func (export "run") (loop (br 0)))))", options, {}, ticking_engine());
  auto result = guest.store.call(guest.func("run"), {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::Timeout);
  EXPECT_EQ(result.error().message(), "guest used up its 30 ms of CPU time");
  EXPECT_TRUE(guest.store.is_out_of_cpu());
  EXPECT_EQ(guest.store.cpu_ticks(), 3u);
  EXPECT_EQ(guest.store.trap()->frames.size(), 1u);
}

TEST(Store, DoesNotChargeForTimeOutsideTheGuest) {
  StoreOptions options;
  options.cpu_budget = 1;
  Guest guest(R"((module (func (export "run"))))", options);
  for (int i = 0; i < 100; ++i) manual_engine()->tick();
  EXPECT_TRUE(guest.store.call(guest.func("run"), {}));
  EXPECT_EQ(guest.store.cpu_ticks(), 0u);
}

TEST(Store, DoesNotChargeForTimeThatTheMachineGaveToOthers) {
  StoreOptions options;
  options.cpu_budget = 5;
  // A thread that is blocked stands for one that another process keeps from running.
  HostFunction block({}, [](void*, Caller&, std::span<RawValue>) -> Result<void> {
    (void)std::binary_semaphore(0).try_acquire_for(2 * kEpochTick);
    return {};
  });
  Store store(ticking_engine(), options);
  Module module = module_of(ticking_engine(), R"((module
    (import "host" "block" (func $block))
    (func (export "run") (param $left i32)
      (loop $again
        (call $block)
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left))))))");
  const std::vector<Extern> imports = {Extern(store.define(block))};
  Instance instance = store.instantiate(module, imports).value();
  EXPECT_TRUE(call_i32(store, func_of(store, instance, "run"), {20}));
  EXPECT_LT(store.cpu_ticks(), 5u);
}

TEST(Linker, PreparesAModuleOnceForManyStores) {
  HostFunction host({{ValueType::I32}, {ValueType::I32}}, add_one);
  Linker linker(manual_engine());
  ASSERT_TRUE(linker.define("host", "add-one", host));
  Module module = module_of(manual_engine(), R"((module
    (import "host" "add-one" (func $add (param i32) (result i32)))
    (func (export "run") (param i32) (result i32) (call $add (local.get 0)))))");
  auto pre = linker.prepare(module).value();
  for (int i = 0; i < 3; ++i) {
    Store store(manual_engine(), {});
    auto instance = pre.instantiate(store).value();
    EXPECT_EQ(call_i32(store, func_of(store, instance, "run"), {i}).value(), i + 1);
  }
}

TEST(Linker, NamesTheImportThatIsMissing) {
  Linker linker(manual_engine());
  auto pre = linker.prepare(
      module_of(manual_engine(), R"((module (import "wasi:cli/exit" "exit" (func))))"));
  ASSERT_FALSE(pre);
  EXPECT_THAT(pre.error().message(), HasSubstr("wasi:cli/exit"));
}

uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t total = 0;
  uint64_t resident = 0;
  file >> total >> resident;
  return resident * 4096;
}

TEST(Store, TenThousandLivesDoNotGrowMemory) {
  HostFunction host({{ValueType::I32}, {ValueType::I32}}, add_one);
  Linker linker(manual_engine());
  ASSERT_TRUE(linker.define("host", "add-one", host));
  Module module = module_of(manual_engine(), R"((module
    (import "host" "add-one" (func $add (param i32) (result i32)))
    (memory 1) (data (i32.const 0) "data")
    (func (export "run") (param i32) (result i32)
      (i32.store (i32.const 100) (i32.const 1)) (call $add (local.get 0)))))");
  auto pre = linker.prepare(module).value();
  auto live = [&](int count) {
    for (int i = 0; i < count; ++i) {
      Store store(manual_engine(), {});
      auto instance = pre.instantiate(store).value();
      ASSERT_EQ(call_i32(store, func_of(store, instance, "run"), {1}).value(), 2);
    }
  };
  live(2000);
  uint64_t before = resident_bytes();
  live(10'000);
  uint64_t after = resident_bytes();
#if __has_feature(address_sanitizer)
  constexpr uint64_t kQuarantine = uint64_t{256} << 20;  // freed blocks that are kept
#else
  constexpr uint64_t kQuarantine = 0;
#endif
  EXPECT_LT(after, before + kQuarantine + (uint64_t{2} << 20));
}

}  // namespace
}  // namespace spindle::wasm
