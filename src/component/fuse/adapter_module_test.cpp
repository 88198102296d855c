#include "component/fuse/adapter_module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "component/binary/decode.h"
#include "component/fuse/random_types.h"
#include "component/plan/planner.h"
#include "component/runtime/instance.h"

namespace spindle::component {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::shared_ptr<const wasm::Engine> engine() {
  static const std::shared_ptr<const wasm::Engine> made =
      wasm::Engine::create({.pooling = wasm::Pooling::Off}).value();
  return made;
}

using Returned = Result<std::optional<DynamicValue>>;

// A component twice: with calls through the host, and fused, with adapters.
class BothWays {
 public:
  explicit BothWays(const std::string& wat) {
    auto binary = wasm::wat2wasm(wat);
    EXPECT_TRUE(binary) << wat << (binary ? "" : binary.error().message());
    bytes_ = std::move(binary).value();
    for (Way* way : {&host_, &adapter_}) {
      auto prepared =
          PreparedComponent::create(engine(), bytes_, HostRegistry(), {.fusing = way->fusing});
      EXPECT_TRUE(prepared) << wat << (prepared ? "" : prepared.error().message());
      way->prepared = std::move(prepared).value();
    }
    EXPECT_TRUE(adapter_.prepared->is_fused()) << adapter_.prepared->not_fused_because();
    renew();
  }

  AdapterModule adapters() const { return adapters_of(bytes_, {}); }
  static AdapterModule adapters_of(std::span<const uint8_t> bytes, const AdapterLimits& limits) {
    const Component component = decode_component(SharedBytes::borrow(bytes)).value();
    const InstantiationPlan plan = plan_instantiation(component, HostRegistry()).value();
    return make_adapter_module(plan, limits).value();
  }

  // What the call returns, the same both ways.
  Returned invoke(std::string_view name, const std::vector<DynamicValue>& args = {}) {
    Returned by_host = host_.call(name, args);
    Returned by_adapter = adapter_.call(name, args);
    EXPECT_EQ(message(by_adapter), message(by_host)) << name;
    if (by_host && by_adapter) EXPECT_EQ(*by_adapter, *by_host) << name;
    if (!by_host || !by_adapter) renew();
    return by_host;
  }
  std::string failure(std::string_view name, const std::vector<DynamicValue>& args = {}) {
    return message(invoke(name, args));
  }
  uint64_t number(std::string_view name, const std::vector<uint64_t>& args = {}) {
    std::vector<DynamicValue> values;
    for (uint64_t bits : args) values.push_back(DynamicValue::scalar(bits));
    auto result = invoke(name, values);
    EXPECT_TRUE(result) << message(result);
    return result && *result ? (*result)->bits : 0;
  }

 private:
  struct Way {
    Returned call(std::string_view name, const std::vector<DynamicValue>& args) {
      return instance->call(prepared->find_function("", name).value(), args);
    }
    Fusing fusing;
    std::shared_ptr<const PreparedComponent> prepared;
    std::unique_ptr<ComponentInstance> instance;
  };

  static std::string message(const Returned& result) {
    return result ? "no failure" : result.error().message();
  }
  // Neither is entered again after a failure.
  void renew() {
    for (Way* way : {&host_, &adapter_}) {
      way->instance = ComponentInstance::create_blocking(way->prepared, {}).value();
    }
  }

  std::vector<uint8_t> bytes_;
  Way host_{Fusing::Off, {}, {}};
  Way adapter_{Fusing::On, {}, {}};
};

std::string_view core_name(FlatType type) {
  constexpr std::array<std::string_view, 4> kNames{"i32", "i64", "f32", "f64"};
  return kNames[static_cast<size_t>(type)];
}
// The component type that passes a core value as it is.
std::string_view raw_name(FlatType type) {
  constexpr std::array<std::string_view, 4> kNames{"u32", "u64", "f32", "f64"};
  return kNames[static_cast<size_t>(type)];
}

// `f` takes a value of one type and returns one of another; the callee notes the slots that it sees
// (`p0`, ...) and returns what it was told to (`set`). The caller passes any slots.
std::string flat_component(const std::string& definitions, const RandomType& param,
                           const RandomType& result) {
  const FlatType returned = result.type->flat[0];
  std::string core_params;
  std::string raw_params;
  std::string globals;
  std::string stores;
  std::string getters;
  std::string lifts;
  std::string exports;
  for (size_t i = 0; i < param.type->flat.size(); ++i) {
    const std::string_view core = core_name(param.type->flat[i]);
    const std::string_view raw = raw_name(param.type->flat[i]);
    core_params += fmt::format("(param {})", core);
    raw_params += fmt::format("(param \"a{}\" {})", i, raw);
    globals += fmt::format("(global $p{0} (mut {1}) ({1}.const 0))", i, core);
    stores += fmt::format("(global.set $p{0} (local.get {0}))", i);
    getters += fmt::format("(func (export \"p{0}\") (result {1}) (global.get $p{0}))", i, core);
    lifts += fmt::format(
        "(func (export \"p{0}\") (result {1}) (canon lift (core func $i \"p{0}\")))", i, raw);
    exports += fmt::format("(export \"p{0}\" (func $c \"p{0}\"))", i);
  }
  return fmt::format(
      R"((component
    (component $callee
      (core module $m {globals} (global $r (mut {core}) ({core}.const 0))
        (func (export "f") {core_params} (result {core}) {stores} (global.get $r))
        (func (export "set") (param {core}) (global.set $r (local.get 0))) {getters})
      (core instance $i (instantiate $m))
      {definitions}
      (func (export "f") (param "x" {param}) (result {result}) (canon lift (core func $i "f")))
      (func (export "set") (param "x" {raw}) (canon lift (core func $i "set")))
      {lifts})
    (instance $c (instantiate $callee))
    (core func $f (canon lower (func $c "f")))
    (func (export "f") {raw_params} (result {raw}) (canon lift (core func $f)))
    (export "set" (func $c "set")) {exports}))",
      fmt::arg("globals", globals), fmt::arg("core", core_name(returned)),
      fmt::arg("core_params", core_params), fmt::arg("stores", stores),
      fmt::arg("getters", getters), fmt::arg("definitions", definitions),
      fmt::arg("param", param.text), fmt::arg("result", result.text),
      fmt::arg("raw", raw_name(returned)), fmt::arg("lifts", lifts),
      fmt::arg("raw_params", raw_params), fmt::arg("exports", exports));
}

uint64_t seed_of_run() {
  const uint64_t seed = std::random_device()();
  ::testing::Test::RecordProperty("seed", std::to_string(seed));
  return seed;
}

TEST(Adapter, PassesAnySlotsAsTheHostDoes) {
  const uint64_t seed = seed_of_run();
  int failures = 0;
  for (uint64_t round = 0; round < 20; ++round) {
    SCOPED_TRACE(fmt::format("seed {} round {}", seed, round));
    RandomTypes random(seed + round);
    RandomType param;
    RandomType result;
    do param = random.type(RandomTypes::Memory::No);
    while (param.type->flat_count > 16);
    do result = random.type(RandomTypes::Memory::No);
    while (result.type->flat_count > 1);
    SCOPED_TRACE(random.definitions() + param.text + " -> " + result.text);
    BothWays both(flat_component(random.definitions(), param, result));
    ASSERT_EQ(both.adapters().functions.size(), 1U);
    for (int call = 0; call < 20; ++call) {
      std::vector<DynamicValue> args;
      for (FlatType type : param.type->flat) {
        args.push_back(DynamicValue::scalar(random.slot(type)));
      }
      both.number("set", {random.slot(result.type->flat[0])});
      if (!both.invoke("f", args)) ++failures;
      for (size_t i = 0; i < args.size(); ++i) both.number(fmt::format("p{}", i));
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(failures, 0);
}

TEST(Adapter, MakesAnIntegerCallDirect) {
  RandomTypes types(1);
  const RandomType u64{"u64", types.types().primitive(TypeKind::U64)};
  BothWays both(flat_component("", u64, u64));
  EXPECT_THAT(both.adapters().imports, ElementsAre(testing::VariantWith<CoreItem>(testing::_)));
  EXPECT_TRUE(both.adapters().flags.empty());
  both.number("set", {5});
  EXPECT_EQ(both.number("f", {77}), 5U);
  EXPECT_EQ(both.number("p0"), 77U);
}

TEST(Adapter, ChecksScalarsByTheirTypes) {
  struct Row {
    std::string definition;
    uint64_t passed;
    std::string failure;
    uint64_t seen;
  };
  const std::vector<Row> table = {
      {"bool", 2, "no failure", 1},
      {"s8", 0x1ff, "no failure", 0xffffffff},
      {"u16", 0x12345, "no failure", 0x2345},
      {"char", 0x10ffff, "no failure", 0x10ffff},
      {"char", 0xdfff, "invalid `char` bit pattern 0xdfff", 0},
      {"char", 0x110000, "invalid `char` bit pattern 0x110000", 0},
      {"(enum \"a\" \"b\")", 1, "no failure", 1},
      {"(enum \"a\" \"b\")", 2, "invalid variant discriminant: 2 where 2 cases exist", 0},
      {"(flags \"a\" \"b\" \"c\")", 0xff, "no failure", 7},
  };
  for (const Row& row : table) {
    RandomTypes types(1);
    const TypeRef u32 = types.types().primitive(TypeKind::U32);
    const std::string definitions =
        "(type $t0 " + row.definition + ") (export $e0 \"t0\" (type $t0))";
    BothWays both(flat_component(definitions, {"$e0", u32}, {"u32", u32}));
    EXPECT_EQ(both.failure("f", {DynamicValue::scalar(row.passed)}), row.failure);
    EXPECT_EQ(both.number("p0"), row.seen) << row.definition;
  }
}

// A parent whose lifted function calls the child that called it.
constexpr std::string_view kLoop = R"((component
  (core module $t (table (export "t") 1 funcref) (type $f (func (result i32)))
    (func (export "back") (result i32) (call_indirect (type $f) (i32.const 0)))
    (func (export "simple") (result i32) (i32.const 3)))
  (core instance $t (instantiate $t))
  (func $back (result u32) (canon lift (core func $t "back")))
  (func $simple (result u32) (canon lift (core func $t "simple")))
  (component $child (import "back" (func $b (result u32))) (import "simple" (func $s (result u32)))
    (core func $b (canon lower (func $b)))
    (core func $s (canon lower (func $s)))
    (core module $m (import "" "b" (func $b (result i32))) (import "" "s" (func $s (result i32)))
      (func (export "go") (result i32) (call $b))
      (func (export "up") (result i32) (call $s))
      (func (export "leaf") (result i32) (i32.const 7)))
    (core instance $i (instantiate $m (with "" (instance
      (export "b" (func $b)) (export "s" (func $s))))))
    (func (export "go") (result u32) (canon lift (core func $i "go")))
    (func (export "up") (result u32) (canon lift (core func $i "up")))
    (func (export "leaf") (result u32) (canon lift (core func $i "leaf"))))
  (instance $c (instantiate $child (with "back" (func $back)) (with "simple" (func $simple))))
  (core func $go (canon lower (func $c "go")))
  (core func $up (canon lower (func $c "up")))
  (core func $leaf (canon lower (func $c "leaf")))
  (core module $fill (import "" "t" (table 1 funcref)) (import "" "leaf" (func $leaf (result i32)))
    (elem (i32.const 0) $leaf))
  (core instance (instantiate $fill (with "" (instance
    (export "t" (table $t "t")) (export "leaf" (func $leaf))))))
  (func (export "loop") (result u32) (canon lift (core func $go)))
  (func (export "up") (result u32) (canon lift (core func $up)))
  (func (export "leaf") (result u32) (canon lift (core func $leaf)))))";

TEST(Adapter, TrapsWhenACallComesBack) {
  BothWays both{std::string(kLoop)};
  EXPECT_EQ(both.number("leaf"), 7U);
  EXPECT_EQ(both.number("up"), 3U) << "a child may call its parent";
  EXPECT_EQ(both.number("leaf"), 7U) << "the child was left";
  EXPECT_EQ(both.failure("loop"), "cannot enter component instance");
  EXPECT_THAT(both.adapters().flags, ElementsAre(Pair(FrameIndex(1U), "flags1")));
}

// `f` of the middle component; its core function, its post-return and its allocator as given. Each
// may call `leaf` of another component.
std::string middle_component(std::string_view type, std::string_view functions,
                             std::string_view options) {
  return fmt::format(R"((component
    (component $leaf
      (core module $m (func (export "leaf") (result i32) (i32.const 7)))
      (core instance $i (instantiate $m))
      (func (export "leaf") (result u32) (canon lift (core func $i "leaf"))))
    (instance $leaf (instantiate $leaf))
    (component $middle (import "leaf" (func $leaf (result u32)))
      (core func $leaf (canon lower (func $leaf)))
      (core module $m (import "" "leaf" (func $leaf (result i32)))
        (memory (export "memory") 1) (tag $tag) (global $posts (mut i32) (i32.const 0))
        (func (export "posts") (result i32) (global.get $posts))
        {1})
      (core instance $i (instantiate $m (with "" (instance (export "leaf" (func $leaf))))))
      (func (export "posts") (result u32) (canon lift (core func $i "posts")))
      (func (export "f") {0} (canon lift (core func $i "f") {2})))
    (instance $m (instantiate $middle (with "leaf" (func $leaf "leaf"))))
    (core module $libc (memory (export "memory") 1) (data (i32.const 16) "0123456789abcdefghi"))
    (core instance $libc (instantiate $libc))
    (core func $f (canon lower (func $m "f") (memory (core memory $libc "memory"))))
    (core module $caller
      (import "" "memory" (memory 1))
      (import "" "f" (func $f (param i32 i32) (result i32)))
      (func (export "f") (param i32 i32) (result i32)
        (block $caught
          (try_table (result i32) (catch_all $caught) (call $f (local.get 0) (local.get 1)))
          return)
        (i32.const 99)))
    (core instance $caller (instantiate $caller (with "" (instance
      (export "memory" (memory $libc "memory")) (export "f" (func $f))))))
    (export "posts" (func $m "posts"))
    (func (export "f") (param "a" u32) (param "b" u32) (result u32)
      (canon lift (core func $caller "f")))))",
                     type, functions, options);
}

constexpr std::string_view kTwoNumbers = R"((param "a" u32) (param "b" u32) (result u32))";
constexpr std::string_view kAList = R"((param "a" (list u16)) (result u32))";
constexpr std::string_view kAString = R"((param "a" string) (result u32))";

TEST(Adapter, RunsPostReturnOnceAndForbidsItToLeave) {
  constexpr std::string_view kOptions = R"((post-return (core func $i "post")))";
  BothWays good(middle_component(kTwoNumbers, R"(
      (func (export "f") (param i32 i32) (result i32) (i32.add (call $leaf) (local.get 1)))
      (func (export "post") (param i32) (global.set $posts
        (i32.add (global.get $posts) (local.get 0)))))",
                                 kOptions));
  EXPECT_EQ(good.number("f", {0, 10}), 17U);
  EXPECT_EQ(good.number("posts"), 17U);
  EXPECT_EQ(good.number("f", {0, 3}), 10U) << "it may be left again";
  BothWays bad(middle_component(kTwoNumbers, R"(
      (func (export "f") (param i32 i32) (result i32) (call $leaf))
      (func (export "post") (param i32) (drop (call $leaf))))",
                                kOptions));
  EXPECT_EQ(bad.failure("f", {DynamicValue::scalar(0), DynamicValue::scalar(0)}),
            "cannot leave component instance");
}

TEST(Adapter, TurnsExceptionsIntoTraps) {
  BothWays both(middle_component(
      kTwoNumbers, R"((func (export "f") (param i32 i32) (result i32) (throw $tag)))", ""));
  EXPECT_EQ(both.failure("f", {DynamicValue::scalar(0), DynamicValue::scalar(0)}),
            "wasm trap: uncaught exception");
}

TEST(Adapter, ChecksPointersAndWhatReallocReturns) {
  struct Row {
    std::string_view type;
    std::string realloc;
    uint64_t pointer;
    uint64_t length;
    std::string failure;
  };
  const std::string fine = "(i32.const 64)";
  const std::vector<Row> table = {
      {kAList, fine, 16, 4, "no failure"},
      {kAList, fine, 16, 0, "no failure"},
      {kAList, fine, 17, 0, "unaligned pointer"},
      {kAList, fine, 65536, 0, "no failure"},
      {kAList, fine, 65538, 0, "list content out-of-bounds"},
      {kAList, fine, 65534, 2, "list content out-of-bounds"},
      {kAList, fine, 0, 0x8000000, "list content out-of-bounds"},
      {kAList, fine, 0xfffffffe, 0x80000001, "list content out-of-bounds"},
      {kAList, "(i32.const 65)", 16, 4, "realloc return: result not aligned"},
      {kAList, "(i32.const 65530)", 16, 4, "realloc return: beyond end of memory"},
      {kAList, "(i32.const -2)", 16, 4, "realloc return: beyond end of memory"},
      {kAList, "unreachable", 16, 4, "wasm trap: wasm `unreachable` instruction executed"},
      {kAList, "unreachable", 17, 4, "unaligned pointer"},
      {kAList, "(call $leaf)", 16, 4, "cannot leave component instance"},
      {kAList, "(throw $tag)", 16, 4, "wasm trap: uncaught exception"},
      {kAString, fine, 17, 5, "no failure"},
      {kAString, fine, 65537, 0, "string content out-of-bounds"},
      {kAString, fine, 16, 65536, "string content out-of-bounds"},
      {kAString, fine, 0, 0xffffffff, "string content out-of-bounds"},
      {kAString, "(i32.const 65530)", 16, 7, "realloc return: beyond end of memory"},
  };
  for (const Row& row : table) {
    BothWays both(middle_component(row.type,
                                   fmt::format(R"(
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) {})
        (func (export "f") (param i32 i32) (result i32)
          (i32.xor (local.get 1) (i32.load16_u (local.get 0)))))",
                                               row.realloc),
                                   R"((memory (core memory $i "memory"))
                                      (realloc (core func $i "realloc")))"));
    EXPECT_EQ(both.adapters().functions.size(), 2U);
    EXPECT_EQ(
        both.failure("f", {DynamicValue::scalar(row.pointer), DynamicValue::scalar(row.length)}),
        row.failure)
        << row.type << " " << row.realloc << " " << row.pointer << " " << row.length;
  }
}

constexpr std::string_view kBump = R"(
  (memory (export "memory") 2) (global $next (mut i32) (i32.const 4096))
  (func (export "next") (result i32) (global.get $next))
  (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32)
    (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next (i32.add (local.get $at) (local.get $new)))
    (if (i32.gt_u (local.get $new) (local.get $size)) (then
      (memory.copy (local.get $at) (local.get $old) (local.get $size)))
      (else (memory.copy (local.get $at) (local.get $old) (local.get $new))))
    (local.get $at)))";

// `g` has its value come back from another component. On the way it writes a byte where its second
// parameter says.
std::string echo_component(RandomTypes& random, const RandomType& type) {
  static constexpr std::array<std::string_view, 3> kEncodings{"utf8", "utf16", "latin1+utf16"};
  const std::string pad = "(tuple u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32)";
  const std::string signature =
      fmt::format(R"((param "x" {0}) (param "pad" {1}) (result (tuple {0} u32)))", type.text, pad);
  auto options = [&](std::string_view instance) {
    return fmt::format(R"((memory (core memory {0} "memory")) (realloc (core func {0} "realloc"))
      string-encoding={1})",
                       instance, kEncodings[random.below(3)]);
  };
  const std::string callee = options("$i");
  const std::string caller = options("$libc");
  const uint32_t offset = align_to(type.type->size, 4);
  return fmt::format(
      R"((component
    (component $callee
      (core module $m {bump} (func (export "f") (param i32) (result i32) (local.get 0)))
      (core instance $i (instantiate $m))
      {definitions}
      (func (export "next") (result u32) (canon lift (core func $i "next")))
      (func (export "f") {signature} (canon lift (core func $i "f") {callee})))
    (instance $c (instantiate $callee))
    (core module $libc {bump})
    (core instance $libc (instantiate $libc))
    (core func $f (canon lower (func $c "f") {caller}))
    (core module $m
      (import "" "memory" (memory 2)) (import "" "f" (func $f (param i32 i32)))
      (func (export "g") (param i32) (result i32)
        (if (i32.load offset={offset} (local.get 0)) (then
          (i32.store8 (i32.load offset={offset} (local.get 0))
            (i32.load offset={offset4} (local.get 0)))))
        (call $f (local.get 0) (i32.const 1024))
        (i32.const 1024)))
    (core instance $i (instantiate $m (with "" (instance
      (export "memory" (memory $libc "memory")) (export "f" (func $f))))))
    {definitions}
    (export "next" (func $c "next"))
    (func (export "next-here") (result u32) (canon lift (core func $libc "next")))
    (func (export "g") {signature} (canon lift (core func $i "g") {caller}))))",
      fmt::arg("bump", kBump), fmt::arg("definitions", random.definitions()),
      fmt::arg("signature", signature), fmt::arg("callee", callee), fmt::arg("caller", caller),
      fmt::arg("offset", offset), fmt::arg("offset4", offset + 4));
}

DynamicValue padding(uint64_t address, uint64_t byte) {
  DynamicValue pad;
  pad.items.assign(16, DynamicValue::scalar(0));
  pad.items[0].bits = address;
  pad.items[1].bits = byte;
  return pad;
}

TEST(Adapter, PassesValuesInMemoryAsTheHostDoes) {
  const uint64_t seed = seed_of_run();
  int failures = 0;
  for (uint64_t round = 0; round < 30; ++round) {
    SCOPED_TRACE(fmt::format("seed {} round {}", seed, round));
    RandomTypes random(seed + round);
    const RandomType type = random.type(RandomTypes::Memory::Yes, 4);
    SCOPED_TRACE(random.definitions() + type.text);
    BothWays both(echo_component(random, type));
    ASSERT_EQ(both.adapters().functions.size(), 1U);
    for (int call = 0; call < 20; ++call) {
      // The area of the parameters, and what it points to, begin here.
      const uint64_t next = both.number("next-here");
      const uint64_t address = call < 8 ? 0 : next + random.below(type.type->size + 24);
      auto result =
          both.invoke("g", {random.value(type.type), padding(address, random.slot(FlatType::I32))});
      if (!result) {
        EXPECT_NE(address, 0U);
        ++failures;
      }
      both.number("next");
      both.number("next-here");
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(failures, 0);
}

TEST(Adapter, LeavesWhatIsTooLargeToTheHost) {
  RandomTypes random(3);
  const RandomType type{"u32", random.types().primitive(TypeKind::U32)};
  const std::vector<uint8_t> bytes = wasm::wat2wasm(flat_component("", type, type)).value();
  EXPECT_EQ(BothWays::adapters_of(bytes, {.function_bytes = 2}).bytes.size(), 0U);
  EXPECT_EQ(BothWays::adapters_of(bytes, {.module_bytes = 2}).bytes.size(), 0U);
  EXPECT_GT(BothWays::adapters_of(bytes, {}).bytes.size(), 0U);
}

TEST(Adapter, GivesUpOnTypesWhoseExpansionIsExponential) {
  std::string types = "(type $t0 bool)";
  for (int i = 1; i <= 24; ++i)
    types += fmt::format("(type $t{} (tuple $t{} $t{}))", i, i - 1, i - 1);
  const std::vector<uint8_t> bytes = wasm::wat2wasm(fmt::format(R"((component
    (component $callee {}
      (core module $m (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
        (func (export "f") (param i32)))
      (core instance $i (instantiate $m))
      (func (export "f") (param "x" $t24) (canon lift (core func $i "f")
        (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
    (instance $c (instantiate $callee))
    (core module $m (memory (export "memory") 1))
    (core instance $i (instantiate $m))
    (core func (canon lower (func $c "f") (memory (core memory $i "memory"))))))",
                                                                types))
                                         .value();
  EXPECT_EQ(BothWays::adapters_of(bytes, {}).functions.size(), 0U);
}

// A component that makes resources, and another that is lent them.
constexpr std::string_view kResources = R"((component
  (component $owner
    (core module $m
      (global $dropped (mut i32) (i32.const 0))
      (func (export "dtor") (param i32)
        (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
      (func (export "dropped") (result i32) (global.get $dropped)))
    (core instance $i (instantiate $m))
    (type $r (resource (rep i32) (dtor (core func $i "dtor"))))
    (core func $new (canon resource.new $r))
    (core func $rep (canon resource.rep $r))
    (core module $n
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "rep" (func $rep (param i32) (result i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
      (func (export "peek") (param i32) (result i32) (local.get 0))
      (func (export "take") (param i32) (result i32) (call $rep (local.get 0))))
    (core instance $j (instantiate $n (with "" (instance
      (export "new" (func $new)) (export "rep" (func $rep))))))
    (export $x "r" (type $r))
    (func (export "make") (param "rep" u32) (result (own $x)) (canon lift (core func $j "make")))
    (func (export "peek") (param "x" (borrow $x)) (result u32) (canon lift (core func $j "peek")))
    (func (export "take") (param "self" (own $x)) (result u32) (canon lift (core func $j "take")))
    (func (export "dropped") (result u32) (canon lift (core func $i "dropped"))))
  (instance $o (instantiate $owner))
  (alias export $o "r" (type $r))
  (component $other
    (import "r" (type $r (sub resource)))
    (core func $drop (canon resource.drop $r))
    (core module $m (import "" "drop" (func $drop (param i32)))
      (func (export "good") (param i32) (result i32) (call $drop (local.get 0)) (local.get 0))
      (func (export "keep") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m (with "" (instance (export "drop" (func $drop))))))
    (func (export "good") (param "x" (borrow $r)) (result u32) (canon lift (core func $i "good")))
    (func (export "keep") (param "x" (borrow $r)) (result u32) (canon lift (core func $i "keep"))))
  (instance $p (instantiate $other (with "r" (type $r))))
  (core func $make (canon lower (func $o "make")))
  (core func $peek (canon lower (func $o "peek")))
  (core func $take (canon lower (func $o "take")))
  (core func $good (canon lower (func $p "good")))
  (core func $keep (canon lower (func $p "keep")))
  (core func $drop (canon resource.drop $r))
  (core module $m (import "" "drop" (func $drop (param i32)))
    (func (export "drop") (param i32) (call $drop (local.get 0))))
  (core instance $m (instantiate $m (with "" (instance (export "drop" (func $drop))))))
  (func (export "make") (param "x" u32) (result u32) (canon lift (core func $make)))
  (func (export "peek") (param "x" u32) (result u32) (canon lift (core func $peek)))
  (func (export "take") (param "x" u32) (result u32) (canon lift (core func $take)))
  (func (export "good") (param "x" u32) (result u32) (canon lift (core func $good)))
  (func (export "keep") (param "x" u32) (result u32) (canon lift (core func $keep)))
  (func (export "drop") (param "x" u32) (canon lift (core func $m "drop")))
  (export "dropped" (func $o "dropped"))))";

TEST(Adapter, PassesHandlesWithTheirScopes) {
  BothWays both{std::string(kResources)};
  EXPECT_EQ(both.adapters().functions.size(), 5U);
  const uint64_t first = both.number("make", {17});
  EXPECT_EQ(first, 1U);
  EXPECT_EQ(both.number("make", {25}), 2U);
  EXPECT_EQ(both.number("peek", {first}), 17U) << "the owner sees the representation";
  EXPECT_EQ(both.number("good", {first}), 1U) << "others a handle";
  EXPECT_EQ(both.number("good", {2}), 1U) << "which they dropped";
  EXPECT_EQ(both.number("take", {2}), 25U);
  EXPECT_EQ(both.failure("peek", {DynamicValue::scalar(2)}), "unknown handle index 2");
}

TEST(Adapter, EndsLendsWithTheCall) {
  BothWays both{std::string(kResources)};
  both.number("make", {40});
  both.number("good", {1});
  EXPECT_EQ(both.failure("drop", {DynamicValue::scalar(1)}), "no failure");
  EXPECT_EQ(both.number("dropped"), 40U);
}

TEST(Adapter, TrapsOnBorrowsThatAreKept) {
  BothWays both{std::string(kResources)};
  both.number("make", {1});
  EXPECT_THAT(both.failure("keep", {DynamicValue::scalar(1)}),
              HasSubstr("borrow handles still remain at the end of the call"));
}

}  // namespace
}  // namespace spindle::component
