#include "wasm/rewrite/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
};

INSTANTIATE_TEST_SUITE_P(Sets, MergeEquivalence, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace spindle::wasm
