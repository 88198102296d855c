#include "wasm/rewrite/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wasm/rewrite/function_names.h"
#include "wasm/rewrite/module_sections.h"
#include "wasm/rewrite/oracle.h"

namespace spindle::wasm {
namespace {

using testing::InstanceSet;
using testing::Journal;
using testing::make_set;
using testing::manual_engine;
using testing::SetInstance;
using testing::SetRunner;

// One after the other, or merged: the same host calls, results and traps.
struct Case {
  std::string name;
  std::vector<SetInstance> instances;
  std::vector<std::string> calls;
  Journal expected;
};

void PrintTo(const Case& item, std::ostream* out) {
  *out << item.name;
}

class MergeEquivalence : public ::testing::TestWithParam<Case> {};

TEST_P(MergeEquivalence, HoldsForTheSet) {
  const Case& item = GetParam();
  InstanceSet set = make_set(item.instances);
  EXPECT_EQ(SetRunner(manual_engine()).run_split(set, item.calls), item.expected);
  auto merged = merge_modules(set.instances, testing::exports_of(item.calls));
  ASSERT_TRUE(merged) << merged.error().to_string();
  EXPECT_EQ(SetRunner(manual_engine()).run_merged(*merged, item.calls), item.expected);
}

constexpr std::string_view kAdder = R"((module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))))";

constexpr std::string_view kCounter = R"((module
  (memory (export "memory") 1)
  (global $count (export "count") (mut i32) (i32.const 5))
  (func (export "next") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.const 16) (global.get $count))
    (global.get $count))
  (func (export "peek") (result i32) (i32.load (i32.const 16)))))";

const Case kCases[] = {
    {"OneInstance", {{kAdder, {}}}, {"0.add 40 2"}, {"0.add 40 2 = 42"}},
    {"AFunctionOfAnotherInstance",
     {{kAdder, {}},
      {R"((module (import "a" "b" (func $add (param i32 i32) (result i32)))
          (func (export "twice") (param i32) (result i32)
            (call $add (local.get 0) (local.get 0)))))",
       {"0.add"}}},
     {"1.twice 21"},
     {"1.twice 21 = 42"}},
    {"HostFunctionsByNumber",
     {{R"((module (import "x" "y" (func $a (param i32) (result i32)))
          (import "x" "z" (func $b (param i32) (result i32)))
          (func (export "run") (result i32)
            (i32.add (call $a (i32.const 1)) (call $b (i32.const 2))))))",
       {"h30", "h4"}}},
     {"0.run"},
     {"h30(1)", "h4(2)", "0.run = 37"}},
    {"TwoCopiesHaveTheirOwnState",
     {{kCounter, {}}, {kCounter, {}}},
     {"0.next", "0.next", "1.next", "0.peek", "1.peek"},
     {"0.next = 6", "0.next = 7", "1.next = 6", "0.peek = 7", "1.peek = 6"}},
    {"AMemoryAndAGlobalOfAnotherInstance",
     {{kCounter, {}},
      {R"((module (import "" "m" (memory 1)) (import "" "g" (global $g (mut i32)))
          (memory $own 1)
          (func (export "read") (result i32)
            (i32.store $own (i32.const 16) (i32.const 100))
            (i32.add (i32.load (i32.const 16)) (global.get $g)))))",
       {"0.memory", "0.count"}}},
     {"0.next", "1.read", "0.peek"},
     {"0.next = 6", "1.read = 12", "0.peek = 6"}},
    {"StartsRunInOrder",
     {{R"((module (import "" "a" (func $a)) (start $a)))", {"h1"}},
      {R"((module (import "" "a" (func $a (param i32))) (func $s (call $a (i32.const 7)))
          (start $s)))",
       {"h2"}},
      {R"((module (import "" "a" (func $a)) (func $s (call $a)) (start $s)
          (func (export "run"))))",
       {"h1"}}},
     {"2.run"},
     {"h1()", "h2(7)", "h1()", "2.run = "}},
    {"ReExportedImportsAreFollowed",
     {{kAdder, {}},
      {R"((module (import "" "f" (func $f (param i32 i32) (result i32))) (export "g" (func $f))))",
       {"0.add"}},
      {R"((module (import "" "f" (func $f (param i32 i32) (result i32))) (export "h" (func $f))
          (import "" "t" (func $t (param i32))) (export "host" (func $t))))",
       {"1.g", "h5"}}},
     {"2.h 1 2", "2.host 9"},
     {"2.h 1 2 = 3", "h5(9)", "2.host 9 = "}},
    // What wit-component emits: calls of imports go through a table that is filled last.
    {"ShimAndFixup",
     {{R"((module (type $t (func (param i32 i32) (result i32))) (type $u (func (param i32)))
          (table (export "$imports") 2 2 funcref)
          (func (export "0") (type $t)
            local.get 0 local.get 1 i32.const 0 call_indirect (type $t))
          (func (export "1") (type $u) local.get 0 i32.const 1 call_indirect (type $u))))",
       {}},
      {R"((module (import "" "0" (func $f (param i32 i32) (result i32)))
          (import "" "1" (func $g (param i32)))
          (memory (export "memory") 1)
          (func (export "run") (result i32)
            (call $g (i32.const 3)) (call $f (i32.const 4) (i32.const 5)))))",
       {"0.0", "0.1"}},
      {R"((module (import "" "t" (table 2 2 funcref))
          (import "" "0" (func $f (param i32 i32) (result i32)))
          (import "" "1" (func $g (param i32)))
          (elem (i32.const 0) func $f $g)))",
       {"0.$imports", "h10", "h11"}}},
     {"1.run"},
     {"h11(3)", "h10(4 5)", "1.run = 19"}},
    {"AFixupWhoseStartIsAnImport",
     {{R"((module (import "" "h" (func $h)) (func (export "init") (call $h))))", {"h3"}},
      {R"((module (import "" "init" (func $i)) (start $i)))", {"0.init"}}},
     {"0.init"},
     {"h3()", "h3()", "0.init = "}},
    {"AnAmbiguousSlotStaysIndirect",
     {{R"((module (type $t (func (result i32))) (table 3 funcref)
          (func $a (result i32) i32.const 1) (func $b (result i32) i32.const 2)
          (func $bad (param i32))
          (elem (i32.const 0) func $a $bad) (elem declare func $b)
          (func (export "set") (table.set (i32.const 0) (ref.func $b)))
          (func (export "zero") (result i32) (call_indirect (type $t) (i32.const 0)))
          (func (export "one") (result i32) (call_indirect (type $t) (i32.const 1)))))",
       {}}},
     {"0.zero", "0.set", "0.zero", "0.one"},
     {"0.zero = 1", "0.set = ", "0.zero = 2", "trap"}},
    {"SlotsThatTrapStillTrap",
     {{R"((module (type $t (func (result i32))) (table 3 funcref)
          (func $a (result i32) i32.const 1) (func $bad (param i32))
          (elem (i32.const 0) func $a $bad)
          (func (export "zero") (result i32) (call_indirect (type $t) (i32.const 0)))
          (func (export "one") (result i32) (call_indirect (type $t) (i32.const 1)))))",
       {}}},
     {"0.zero", "0.one"},
     {"0.zero = 1", "trap"}},
    {"AnEmptySlotTraps",
     {{R"((module (type $t (func)) (table 3 funcref)
          (func (export "two") (call_indirect (type $t) (i32.const 2)))))",
       {}}},
     {"0.two"},
     {"trap"}},
    {"ALaterSegmentOverridesASlot",
     {{R"((module (type $t (func (result i32))) (table (export "t") 3 funcref)
          (func $a (result i32) i32.const 1)
          (elem (i32.const 0) func $a $a)
          (func (export "run") (result i32)
            (i32.add (i32.mul (i32.const 10) (call_indirect (type $t) (i32.const 0)))
              (call_indirect (type $t) (i32.const 1))))))",
       {}},
      {R"((module (import "" "t" (table 3 funcref)) (func $b (result i32) i32.const 2)
          (elem (i32.const 1) func $b)))",
       {"0.t"}}},
     {"0.run"},
     {"0.run = 12"}},
    {"ForwardersInACircleNeverReturn",
     {{R"((module (func $a (export "a") (param i32) (call $b (local.get 0)))
          (func $b (param i32) (call $c (local.get 0)))
          (func $c (param i32) (call $b (local.get 0)))))",
       {}}},
     {"0.a 1"},
     {"trap"}},
    {"AFunctionThatSwapsItsParametersIsNoForwarder",
     {{R"((module (func $sub (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
          (func $swap (export "swap") (param i32 i32) (result i32)
            (call $sub (local.get 1) (local.get 0)))
          (func $same (export "same") (param i32 i32) (result i32)
            (return_call $sub (local.get 0) (local.get 1)))
          (func $twice (export "twice") (param i32 i32) (result i32)
            (call $sub (local.get 0) (local.get 0)))))",
       {}}},
     {"0.swap 1 5", "0.same 1 5", "0.twice 1 5"},
     {"0.swap 1 5 = 4", "0.same 1 5 = -4", "0.twice 1 5 = 0"}},
    {"BaseAddressesFromImportedGlobals",
     {{R"((module (global (export "base") i32 (i32.const 32))
          (global (export "slot") i32 (i32.const 2))
          (memory (export "m") 1) (table (export "t") 8 funcref)))",
       {}},
      {R"((module (import "" "base" (global $base i32)) (import "" "slot" (global $slot i32))
          (import "" "m" (memory 1)) (import "" "t" (table $t 8 funcref))
          (type $f (func (result i32)))
          (global $derived i32 (i32.add (global.get $base) (i32.mul (i32.const 2) (i32.const 8))))
          (global $copy (mut i32) (global.get $derived))
          (func $x (result i32) (i32.load (global.get $base)))
          (func $y (result i32) (global.get $copy))
          (data (global.get $base) "\07\00\00\00")
          (elem (global.get $slot) func $x $y)
          (func (export "run") (param i32) (result i32)
            (call_indirect (type $f) (i32.add (global.get $slot) (local.get 0))))))",
       {"0.base", "0.slot", "0.m", "0.t"}}},
     {"1.run 0", "1.run 1", "1.run 2"},
     {"1.run 0 = 7", "1.run 1 = 48", "trap"}},
    {"ASegmentOutOfBoundsTraps",
     {{R"((module (memory 1) (data (i32.const 65536) "x") (func (export "run"))))", {}}},
     {"0.run"},
     {"trap"}},
    {"ATrapStopsWhatFollows",
     {{R"((module (import "" "h" (func $h)) (start $h)))", {"h1"}},
      {R"((module (import "" "h" (func $h)) (table 1 funcref) (func $f)
          (elem (i32.const 1) func $f) (start $h) (func (export "run"))))",
       {"h2"}}},
     {"1.run"},
     {"h1()", "trap"}},
    // The start of instance 1 reads memory 0 before instance 2 writes to it.
    {"AStartSeesMemoryBeforeLaterSegments",
     {{R"((module (memory (export "m") 1) (data (i32.const 0) "\05")
          (func (export "at") (param i32) (result i32) (i32.load8_u (local.get 0)))))",
       {}},
      {R"((module (import "" "m" (memory 1)) (import "" "h" (func $h (param i32)))
          (func $s (call $h (i32.load8_u (i32.const 0))) (i32.store8 (i32.const 1) (i32.const 9)))
          (start $s)))",
       {"0.m", "h1"}},
      {R"((module (import "" "m" (memory 1)) (data (i32.const 0) "\06\07\08")
          (data (i32.const 2) "\0a")))",
       {"0.m"}}},
     {"0.at 0", "0.at 1", "0.at 2"},
     {"h1(5)", "0.at 0 = 6", "0.at 1 = 7", "0.at 2 = 10"}},
    {"AStartSeesTablesBeforeLaterSegments",
     {{R"((module (table (export "t") 2 funcref) (type $f (func (result i32)))
          (func (export "call") (param i32) (result i32)
            (call_indirect (type $f) (local.get 0)))))",
       {}},
      {R"((module (import "" "t" (table $t 2 funcref)) (import "" "h" (func $h (param i32)))
          (func $s (call $h (ref.is_null (table.get $t (i32.const 0))))) (start $s)))",
       {"0.t", "h1"}},
      {R"((module (import "" "t" (table 2 funcref)) (func $f (result i32) (i32.const 77))
          (elem (i32.const 0) func $f)))",
       {"0.t"}}},
     {"0.call 0", "0.call 1"},
     {"h1(1)", "0.call 0 = 77", "trap"}},
    {"PassiveSegmentsAreDroppedByTheirOwner",
     {{R"((module (memory 1) (data $a "abc") (data $b "d")
          (func (export "init") (memory.init $b (i32.const 3) (i32.const 0) (i32.const 1)))
          (func (export "drop") (data.drop $b))
          (func (export "at") (param i32) (result i32) (i32.load8_u (local.get 0)))))",
       {}},
      {R"((module (memory 1) (data $unused "zz") (data $a "xyz")
          (func (export "init") (memory.init $a (i32.const 0) (i32.const 0) (i32.const 3)))
          (func (export "at") (param i32) (result i32) (i32.load8_u (local.get 0)))))",
       {}}},
     {"0.init", "1.init", "0.at 3", "1.at 0", "0.drop", "1.init", "0.init"},
     {"0.init = ", "1.init = ", "0.at 3 = 100", "1.at 0 = 120", "0.drop = ", "1.init = ", "trap"}},
    {"PassiveElements",
     {{R"((module (table $t 4 funcref) (type $f (func (result i32)))
          (func $a (result i32) i32.const 1) (func $b (result i32) i32.const 2)
          (elem $unused func $a) (elem $e func $b $a)
          (elem declare func $a)
          (func (export "init")
            (table.init $t $e (i32.const 1) (i32.const 0) (i32.const 2)) (elem.drop $e))
          (func (export "call") (param i32) (result i32)
            (call_indirect $t (type $f) (local.get 0)))
          (func (export "size") (result i32)
            (drop (table.grow $t (ref.func $a) (i32.const 1)))
            (table.size $t))))",
       {}}},
     {"0.init", "0.call 1", "0.call 2", "0.size", "0.call 4", "0.init"},
     {"0.init = ", "0.call 1 = 2", "0.call 2 = 1", "0.size = 5", "0.call 4 = 1", "trap"}},
    {"TagsAreShared",
     {{R"((module (tag $t (export "t") (param i32)) (func (export "throw") (param i32)
          (throw $t (local.get 0)))))",
       {}},
      {R"((module (import "" "f" (func $f (param i32))) (import "" "t" (tag $t (param i32)))
          (tag $own (param i32))
          (func (export "catch") (param i32) (result i32)
            (block $b (result i32)
              (try_table (catch $own $b) (catch $t $b) (call $f (local.get 0)))
              (i32.const -1)))))",
       {"0.throw", "0.t"}},
      {R"((module (tag $t (export "t") (param i32)) (import "" "f" (func $f (param i32)))
          (func (export "catch") (param i32) (result i32)
            (block $b (result i32)
              (try_table (catch $t $b) (call $f (local.get 0)))
              (i32.const -1)))))",
       {"0.throw"}}},
     {"1.catch 8", "2.catch 8"},
     {"1.catch 8 = 8", "trap"}},
    {"StructuresAreTheSameTypeEverywhere",
     {{R"((module (rec (type $list (struct (field i32) (field (ref null $list)))))
          (func (export "cons") (param i32 (ref null $list)) (result (ref $list))
            (struct.new $list (local.get 0) (local.get 1)))))",
       {}},
      {R"((module (type $other (struct (field i64)))
          (rec (type $l (struct (field i32) (field (ref null $l)))))
          (type $f (func (param i32 (ref null $l)) (result (ref $l))))
          (import "" "cons" (func $cons (type $f)))
          (func (export "sum") (param i32) (result i32) (local $l (ref null $l)) (local $s i32)
            (local.set $l (call $cons (local.get 0) (call $cons (i32.const 4) (ref.null $l))))
            (loop $next
              (local.set $s (i32.add (local.get $s) (struct.get $l 0 (local.get $l))))
              (local.set $l (struct.get $l 1 (local.get $l)))
              (br_if $next (ref.test (ref $l) (local.get $l))))
            (local.get $s))))",
       {"0.cons"}}},
     {"1.sum 30"},
     {"1.sum 30 = 34"}},
    {"SimdAtomicsAndBulkOnASecondMemory",
     {{R"((module (memory 1) (func (export "touch") (i32.store (i32.const 0) (i32.const 1)))))",
       {}},
      {R"((module (memory 1) (memory $b 1)
          (func (export "run") (result i32)
            (v128.store (i32.const 0) (v128.const i32x4 1 2 3 4))
            (v128.store32_lane $b 2 (i32.const 8) (v128.load (i32.const 0)))
            (drop (i32.atomic.rmw.add $b (i32.const 8) (i32.const 10)))
            (memory.copy 0 $b (i32.const 20) (i32.const 8) (i32.const 4))
            (memory.fill $b (i32.const 8) (i32.const 0) (i32.const 4))
            (drop (memory.grow $b (i32.const 2)))
            (i32.add (i32.load $b (i32.const 8))
              (i32.add (i32.load (i32.const 20)) (i32.mul (i32.const 100) (memory.size $b)))))))",
       {}}},
     {"0.touch", "1.run"},
     {"0.touch = ", "1.run = 313"}},
    {"InstructionsOfEveryShape",
     {{R"((module
          (type $v (func)) (type $i (func (param i32) (result i32)))
          (table $t 2 funcref)
          (func $id (type $i) (local.get 0))
          (elem declare func $id)
          (func (export "run") (param i32) (result i32)
            (local $r (ref null $i)) (local f32 f64 i64 funcref)
            (block $out
              (br_table 0 0 $out (local.get 0)))
            (if (local.get 0) (then (nop)) (else (unreachable)))
            (local.set $r (ref.func $id))
            (drop (select (result funcref) (ref.null func) (local.get $r) (i32.const 1)))
            (drop (f32.const 1.5)) (drop (f64.const 2.5)) (drop (i64.const -1))
            (table.set $t (i32.const 1) (local.get $r))
            (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1))
            (table.fill $t (i32.const 1) (ref.null func) (i32.const 1))
            (drop (i64.add128 (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)))
            (drop)
            (loop $l (type $v))
            (i32.add (call_ref $i (local.get 0) (local.get $r))
              (i32.add (call_indirect $t (type $i) (i32.const 20) (i32.const 0))
                (ref.is_null (table.get $t (i32.const 1))))))))",
       {}}},
     {"0.run 3"},
     {"0.run 3 = 24"}},
};

TEST(Merge, NothingOfTheShimIsLeft) {
  const auto* item =
      std::ranges::find(kCases, std::string("ShimAndFixup"), [](const Case& c) { return c.name; });
  InstanceSet set = make_set(item->instances);
  auto merged = merge_modules(set.instances, testing::exports_of(item->calls)).value();
  auto sections = rewrite::read_module_sections(merged.bytes).value();
  EXPECT_EQ(sections.bodies.size(), 1u);
  EXPECT_EQ(sections.imports.size(), 2u);
  EXPECT_TRUE(sections.tables.empty());
  EXPECT_TRUE(sections.elements.empty());
  EXPECT_TRUE(sections.memories.empty());
}

// `expected` is a part of the message.
struct Refusal {
  std::string name;
  std::vector<SetInstance> instances;
  std::vector<MergeExport> exports;
  ErrorKind kind;
  std::string expected;
};

void PrintTo(const Refusal& item, std::ostream* out) {
  *out << item.name;
}

class MergeRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(MergeRefusal, SaysWhy) {
  const Refusal& item = GetParam();
  InstanceSet set = make_set(item.instances);
  auto merged = merge_modules(set.instances, item.exports);
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().kind(), item.kind);
  EXPECT_THAT(merged.error().to_string(), ::testing::HasSubstr(item.expected));
}

constexpr std::string_view kImportsAFunction = R"((module (import "a" "b" (func $f))
  (export "f" (func $f))))";
const MergeExport kExportF{InstanceExport{0, "f"}, "f"};

const Refusal kRefusals[] = {
    {"SourcesAreMissing",
     {{kImportsAFunction, {}}},
     {},
     ErrorKind::InvalidInput,
     "has 1 imports, 0 sources"},
    {"ImportsInACircle",
     {{kImportsAFunction, {"1.f"}}, {kImportsAFunction, {"0.f"}}},
     {},
     ErrorKind::InvalidInput,
     "in a circle"},
    {"AnUnknownExport",
     {{kImportsAFunction, {"0.g"}}},
     {},
     ErrorKind::InvalidInput,
     "has no export `g`"},
    {"AnUnknownInstance",
     {{kImportsAFunction, {"7.g"}}},
     {},
     ErrorKind::InvalidInput,
     "instance 7 does not exist"},
    {"AnotherKind",
     {{kCounter, {}}, {kImportsAFunction, {"0.memory"}}},
     {},
     ErrorKind::InvalidInput,
     "is a memory, expected a function"},
    {"AnotherFunctionType",
     {{kAdder, {}}, {kImportsAFunction, {"0.add"}}},
     {},
     ErrorKind::NotSupported,
     "differs in its type"},
    {"OneHostFunctionWithTwoTypes",
     {{kImportsAFunction, {"h1"}}, {R"((module (import "a" "b" (func (param i32)))))", {"h1"}}},
     {},
     ErrorKind::NotSupported,
     "differs in its type"},
    {"AMemoryOfTheHost",
     {{R"((module (import "a" "b" (memory 1))))", {"h1"}}},
     {},
     ErrorKind::NotSupported,
     "not a memory"},
    {"ATooSmallMemory",
     {{kCounter, {}}, {R"((module (import "a" "b" (memory 2))))", {"0.memory"}}},
     {},
     ErrorKind::NotSupported,
     "differs in its limits"},
    {"AGlobalThatMayChange",
     {{kCounter, {}}, {R"((module (import "a" "b" (global i32))))", {"0.count"}}},
     {},
     ErrorKind::NotSupported,
     "differs in its mutability"},
    {"AnInitializerThatReadsALaterGlobal",
     {{R"((module (import "a" "b" (global $g (ref i31)))
          (global $h (mut (ref null i31)) (global.get $g))
          (func (export "f") (global.set $h (ref.null i31)))))",
       {"1.g"}},
      {R"((module (global (export "g") (ref i31) (ref.i31 (i32.const 3)))))", {}}},
     {kExportF},
     ErrorKind::NotSupported,
     "comes later"},
    {"AnInitializerThatMayFailAfterAStart",
     {{R"((module (func $s) (start $s)))", {}},
      {R"((module (type $a (array i8))
          (global (ref $a) (array.new_default $a (i32.const 2000000000)))))",
       {}}},
     {},
     ErrorKind::NotSupported,
     "allocates, after a start function"},
    {"AnExportTwice",
     {{kImportsAFunction, {"h1"}}},
     {kExportF, kExportF},
     ErrorKind::InvalidInput,
     "`f` is taken"},
    {"TheNameOfTheStartFunction",
     {{kImportsAFunction, {"h1"}}},
     {{InstanceExport{0, "f"}, "spindle:start"}},
     ErrorKind::InvalidInput,
     "is taken"},
    {"AHostFunctionThatNobodyImports",
     {{kImportsAFunction, {"h1"}}},
     {{HostImportNumber{2}, "x"}},
     ErrorKind::InvalidInput,
     "nobody imports host function 2"},
};

INSTANTIATE_TEST_SUITE_P(Sets, MergeRefusal, ::testing::ValuesIn(kRefusals),
                         [](const auto& info) { return info.param.name; });

TEST(Merge, KeepsToItsLimits) {
  InstanceSet set = make_set({{kCounter, {}}, {kCounter, {}}});
  const MergeExport next{InstanceExport{0, "next"}, "next"};
  MergeLimits limits;
  limits.functions = 3;
  auto many = merge_modules(set.instances, {&next, 1}, limits);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().kind(), ErrorKind::LimitExceeded);
  limits = {};
  limits.output_bytes = 60;
  auto large = merge_modules(set.instances, {&next, 1}, limits);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().kind(), ErrorKind::LimitExceeded);
}

TEST(Merge, LeavesOutWhatNothingReaches) {
  InstanceSet set = make_set({{R"((module (import "" "a" (func $a)) (import "" "b" (func $b))
      (type $unused (func (param f64)))
      (memory $m 1) (data (memory $m) (i32.const 0) "only written")
      (table $t 1 funcref) (elem (table $t) (i32.const 0) func $b)
      (global $g i32 (i32.const 1)) (tag $tag)
      (func $dead (type $unused) (call $b) (drop (i32.load (i32.const 0))) (throw $tag))
      (func (export "run") (call $a))))",
                               {"h1", "h2"}}});
  const MergeExport run{InstanceExport{0, "run"}, "run"};
  auto merged = merge_modules(set.instances, {&run, 1}).value();
  auto sections = rewrite::read_module_sections(merged.bytes).value();
  ASSERT_EQ(sections.imports.size(), 1u);
  EXPECT_EQ(sections.imports[0].name, "1");
  EXPECT_EQ(sections.types.size(), 4u);
  EXPECT_TRUE(sections.memories.empty());
  EXPECT_TRUE(sections.data.empty());
  EXPECT_TRUE(sections.tables.empty());
  EXPECT_TRUE(sections.elements.empty());
  EXPECT_TRUE(sections.globals.empty());
  EXPECT_TRUE(sections.tags.empty());
}

TEST(Merge, NumbersHostImportsInAscendingOrderOnceEach) {
  InstanceSet set = make_set({{R"((module (import "" "a" (func $a)) (import "" "b" (func $b))
      (func (export "run") (call $a) (call $b) (call $a))))",
                               {"h10", "h9"}},
                              {kImportsAFunction, {"h10"}}});
  const MergeExport exports[] = {{InstanceExport{0, "run"}, "run"}, {InstanceExport{1, "f"}, "f"}};
  auto merged = merge_modules(set.instances, exports).value();
  auto sections = rewrite::read_module_sections(merged.bytes).value();
  ASSERT_EQ(sections.imports.size(), 2u);
  EXPECT_EQ(sections.imports[0].module, kMergedHostModule);
  EXPECT_EQ(sections.imports[0].name, "9");
  EXPECT_EQ(sections.imports[1].name, "10");
  EXPECT_EQ(sections.exports.size(), 2u);
}

TEST(Merge, FoldsWhatInitializersRead) {
  const auto* item = std::ranges::find(kCases, std::string("BaseAddressesFromImportedGlobals"),
                                       [](const Case& c) { return c.name; });
  InstanceSet set = make_set(item->instances);
  auto merged = merge_modules(set.instances, testing::exports_of(item->calls)).value();
  auto sections = rewrite::read_module_sections(merged.bytes).value();
  auto is_constant = [](rewrite::Bytes initializer) { return initializer[0] == 0x41; };
  for (const auto& global : sections.globals) EXPECT_TRUE(is_constant(global.initializer));
  ASSERT_EQ(sections.data.size(), 1u);
  EXPECT_TRUE(is_constant(sections.data[0].offset));
  ASSERT_EQ(sections.elements.size(), 1u);
  EXPECT_TRUE(is_constant(sections.elements[0].offset));
  EXPECT_GT(merged.statistics.folded_globals, 0u);
}

// A start function that is not last costs nothing where it cannot tell the difference.
TEST(Merge, KeepsSegmentsActiveWhereStartsCannotSeeThem) {
  InstanceSet set = make_set(
      {{R"((module (memory 1) (func $s (i32.store (i32.const 0) (i32.const 1))) (start $s)))", {}},
       {R"((module (memory 1) (data (i32.const 0) "abc")
          (global i32 (i32.const 123))  ;; encoded with the byte of the prefix 0xfb
          (func (export "run") (result i32) (i32.load (i32.const 0)))))",
        {}}});
  const MergeExport run{InstanceExport{1, "run"}, "run"};
  auto merged = merge_modules(set.instances, {&run, 1}).value();
  auto sections = rewrite::read_module_sections(merged.bytes).value();
  ASSERT_EQ(sections.data.size(), 1u);
  EXPECT_EQ(sections.data[0].mode, rewrite::SegmentMode::Active);
}

TEST(Merge, KeepsFunctionNames) {
  InstanceSet set =
      make_set({{R"((module (func $dead) (func $alive (export "run") (unreachable))))", {}}});
  const MergeExport run{InstanceExport{0, "run"}, "run"};
  auto merged = merge_modules(set.instances, {&run, 1}).value();
  auto sections = rewrite::read_module_sections(merged.bytes).value();
  ASSERT_EQ(sections.custom.size(), 1u);
  rewrite::FunctionNames names;
  EXPECT_EQ(names.find(sections, 0), "alive");
}

INSTANTIATE_TEST_SUITE_P(Sets, MergeEquivalence, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace spindle::wasm
