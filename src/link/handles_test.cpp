#include "link/handles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "link/test_fixture.h"

namespace spindle::link {
namespace {

using component::DynamicValue;
using testing::AllOf;
using testing::HasSubstr;

// Resource `r` whose representation is `base` + what it was made with:
//   make(u32) -> own<r>, peek(borrow<r>) -> u32, eat(own<r>) -> u32, dropped() -> u32,
//   all: tuple<own<r>, option<own<r>>> of 1 and 2, sum(borrow<r>, borrow<r>)
std::string plugin_text(int base, std::string_view destructor = "") {
  return fmt::format(R"((component
  (core module $d
    (global $dropped (mut i32) (i32.const 0))
    (func (export "dtor") (param i32) {2}
      (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
    (func (export "dropped") (result i32) (global.get $dropped)))
  (core instance $d (instantiate $d))
  (type $rx (resource (rep i32) (dtor (core func $d "dtor"))))
  (core func $new (canon resource.new $rx))
  (core func $rep (canon resource.rep $rx))
  (core func $drop (canon resource.drop $rx))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "rep" (func $rep (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (memory (export "mem") 1)
    (func $make (export "make") (param i32) (result i32)
      (call $new (i32.add (local.get 0) (i32.const {0}))))
    (func (export "peek") (param i32) (result i32) (local.get 0))
    (func (export "eat") (param i32) (result i32) (local $rep i32)
      (local.set $rep (call $rep (local.get 0))) (call $drop (local.get 0)) (local.get $rep))
    (func (export "both") (result i32)
      (i32.store (i32.const 16) (call $make (i32.const 1)))
      (i32.store8 (i32.const 20) (i32.const 1))
      (i32.store (i32.const 24) (call $make (i32.const 2)))
      (i32.const 16))
    (func (export "sum") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  (core instance $i (instantiate $m (with "" (instance
    (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
  (export $r "r" (type $rx))
  (func $make (param "v" u32) (result (own $r)) (canon lift (core func $i "make")))
  (func $peek (param "self" (borrow $r)) (result u32) (canon lift (core func $i "peek")))
  (func $eat (param "it" (own $r)) (result u32) (canon lift (core func $i "eat")))
  (func $both (result (tuple (own $r) (option (own $r))))
    (canon lift (core func $i "both") (memory (core memory $i "mem"))))
  (func $sum (param "a" (borrow $r)) (param "b" (borrow $r)) (result u32)
    (canon lift (core func $i "sum")))
  (func $dropped (result u32) (canon lift (core func $d "dropped")))
  (instance $api (export "r" (type $r)) (export "make" (func $make)) (export "peek" (func $peek))
    (export "eat" (func $eat)) (export "both" (func $both)) (export "sum" (func $sum))
    (export "dropped" (func $dropped)))
  (export "{1}" (instance $api))))",
                     base, kPlugin, destructor);
}

std::string front_text(std::string_view body) {
  return fmt::format(R"((component
  (import "{}" (instance $p
    (export "r" (type $r (sub resource)))
    (export "make" (func (param "v" u32) (result (own $r))))
    (export "peek" (func (param "self" (borrow $r)) (result u32)))
    (export "eat" (func (param "it" (own $r)) (result u32)))
    (export "both" (func (result (tuple (own $r) (option (own $r))))))
    (export "sum" (func (param "a" (borrow $r)) (param "b" (borrow $r)) (result u32)))
    (export "dropped" (func (result u32)))))
  (alias export $p "r" (type $r))
  (core module $libc (memory (export "mem") 1))
  (core instance $libc (instantiate $libc))
  (core func $make (canon lower (func $p "make")))
  (core func $peek (canon lower (func $p "peek")))
  (core func $eat (canon lower (func $p "eat")))
  (core func $both (canon lower (func $p "both") (memory (core memory $libc "mem"))))
  (core func $sum (canon lower (func $p "sum")))
  (core func $dropped (canon lower (func $p "dropped")))
  (core func $drop (canon resource.drop $r))
  (core module $m
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "peek" (func $peek (param i32) (result i32)))
    (import "" "eat" (func $eat (param i32) (result i32)))
    (import "" "both" (func $both (param i32)))
    (import "" "sum" (func $sum (param i32 i32) (result i32)))
    (import "" "dropped" (func $dropped (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "libc" "mem" (memory 1))
    (global $kept (mut i32) (i32.const 0))
    (func (export "keep") (result i32)
      (global.set $kept (call $make (i32.const 1))) (i32.const 0))
    (func (export "run") (result i32) (local $h i32) {}))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "" (instance
    (export "make" (func $make)) (export "peek" (func $peek)) (export "eat" (func $eat))
    (export "both" (func $both)) (export "sum" (func $sum)) (export "dropped" (func $dropped))
    (export "drop" (func $drop))))))
  (func (export "keep") (result u32) (canon lift (core func $i "keep")))
  (func (export "run") (result u32) (canon lift (core func $i "run")))))",
                     kPlugin, body);
}

class Handles : public testing::Test {
 protected:
  Importer importer(std::string_view body) {
    const auto front = world.front(front_text(body));
    return {world,
            world.table(front, world.candidates({{"a", plugin_text(100)}, {"b", plugin_text(200)}}))
                .value()};
  }
  uint64_t run(std::string_view body) { return importer(body).number("run"); }
  std::string failure(std::string_view body) { return importer(body).failure("run"); }

  World world;
};

TEST_F(Handles, LendResourcesOfTheCallee) {
  EXPECT_EQ(run("(call $peek (call $make (i32.const 7)))"), 107U);
  EXPECT_EQ(run("(call $sum (call $make (i32.const 1)) (call $make (i32.const 2)))"), 203U);
}

TEST_F(Handles, GiveResourcesBackToTheCallee) {
  EXPECT_EQ(run("(call $eat (call $make (i32.const 7)))"), 107U);
  EXPECT_THAT(failure("(local.set $h (call $make (i32.const 7)))"
                      "(drop (call $eat (local.get $h))) (call $peek (local.get $h))"),
              HasSubstr("unknown handle index"));
}

TEST_F(Handles, RunTheDestructorOfTheCallee) {
  EXPECT_EQ(run("(call $drop (call $make (i32.const 1))) (call $drop (call $make (i32.const 2)))"
                "(call $dropped)"),
            203U);
}

TEST_F(Handles, AreFoundInsideValues) {
  EXPECT_EQ(run("(call $both (i32.const 8)) (i32.add (call $peek (i32.load (i32.const 8)))"
                "(call $peek (i32.load (i32.const 16))))"),
            203U);
}

TEST_F(Handles, GoToTheInstanceThatMadeThemWhateverIsChosenNow) {
  Importer live = importer("(call $peek (global.get $kept))");
  EXPECT_EQ(live.number("keep"), 0U);
  ASSERT_TRUE(live.session().find(kPlugin)->select("b"));
  EXPECT_EQ(live.number("run"), 101U);
}

TEST_F(Handles, OfTwoCandidatesCannotBeMixed) {
  Importer live = importer("(call $sum (global.get $kept) (call $make (i32.const 5)))");
  EXPECT_EQ(live.number("keep"), 0U);
  ASSERT_TRUE(live.session().find(kPlugin)->select("b"));
  EXPECT_THAT(live.failure("run"), HasSubstr("handles of both `a` and `b`"));
}

// The destructor runs where its callee has a whole stack, however deep the importer is in its own.
TEST_F(Handles, AreDroppedWithoutTheImportersStack) {
  const auto front =
      world.front(front_text(R"((call $deep (i32.const 10000) (call $make (i32.const 1)))
    (i32.const 5)) (func $deep (param $n i32) (param $h i32)
      (if (local.get $n)
        (then (call $deep (i32.sub (local.get $n) (i32.const 1)) (local.get $h)))
        (else (call $drop (local.get $h)))))"));
  Importer live(
      world, world.table(front, world.candidates({{"a", plugin_text(1, "unreachable")}})).value());
  EXPECT_EQ(live.number("run"), 5U);
  EXPECT_THAT(live.finish().error().to_string(), HasSubstr("unreachable"));
}

TEST_F(Handles, OfAFailedDestructorEndTheImporter) {
  const auto front =
      world.front(front_text("(call $drop (call $make (i32.const 1))) (call $dropped)"));
  Importer live(
      world, world.table(front, world.candidates({{"a", plugin_text(1, "unreachable")}})).value());
  EXPECT_THAT(live.failure("run"),
              AllOf(HasSubstr("unreachable"), HasSubstr("dropping a resource of candidate `a`")));
}

TEST_F(Handles, LeftOverGoWithTheirInstances) {
  EXPECT_EQ(run("(call $make (i32.const 1))"), 1U);
}

// A resource of the host, which is another object in each store.
TEST_F(Handles, OfOtherInterfacesAreRefused) {
  struct Thing;
  static constexpr component::ResourceType kType{"test:host/things.thing",
                                                 component::ResourceType::Origin::Host};
  static constexpr std::array kResources{component::HostResourceExport{"thing", &kType}};
  static constexpr component::HostInterface kThings{"test:host/things", {}, kResources};
  world.plain_registry.add(kThings);
  world.late_registry.add(kThings);
  constexpr std::string_view kImport = R"(
    (import "test:host/things" (instance $t (export "thing" (type (sub resource)))))
    (alias export $t "thing" (type $thing)))";
  const auto front = world.front(fmt::format(R"((component {}
    (import "{}" (instance $p
      (alias outer 1 $thing (type $o)) (export "thing" (type $thing (eq $o)))
      (export "take" (func (param "x" (own $thing))))))))",
                                             kImport, kPlugin));
  const std::string plugin = fmt::format(R"((component {}
    (core module $m (func (export "take") (param i32)))
    (core instance $i (instantiate $m))
    (func $take (param "x" (own $thing)) (canon lift (core func $i "take")))
    (instance $api (export "thing" (type $thing)) (export "take" (func $take)))
    (export "{}" (instance $api))))",
                                         kImport, kPlugin);
  auto table = world.table(front, world.candidates({{"a", plugin}}));
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().kind(), ErrorKind::NotSupported);
  EXPECT_THAT(table.error().message(), AllOf(HasSubstr("`take` of test:late/plugin@1.0.0"),
                                             HasSubstr("handles of `thing`")));
}

}  // namespace
}  // namespace spindle::link
