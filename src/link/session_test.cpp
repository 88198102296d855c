#include "link/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "io/cancel.h"
#include "link/limits.h"
#include "link/select.h"
#include "link/test_fixture.h"

namespace spindle::link {
namespace {

using component::DynamicValue;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// next: func() -> u32 with the body given; $count counts its calls.
std::string plugin_text(std::string_view body) {
  return fmt::format(R"((component
  (core module $m (global $count (mut i32) (i32.const 0))
    (func (export "next") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      {}))
  (core instance $i (instantiate $m))
  (func $next (result u32) (canon lift (core func $i "next")))
  (instance $api (export "next" (func $next)))
  (export "{}" (instance $api))))",
                     body, kPlugin);
}
std::string counter_from(int start) {
  return plugin_text(fmt::format("(i32.add (global.get $count) (i32.const {}))", start));
}

// run: func() -> u32, which calls next.
const std::string kFront = fmt::format(R"((component
  (import "{}" (instance $p (export "next" (func (result u32)))))
  (core func $next (canon lower (func $p "next")))
  (core module $m (import "" "next" (func $next (result i32)))
    (func (export "run") (result i32) (call $next)))
  (core instance $i (instantiate $m (with "" (instance (export "next" (func $next))))))
  (func (export "run") (result u32) (canon lift (core func $i "run")))))",
                                       kPlugin);

using Texts = std::map<std::string, std::string>;

class Session : public testing::Test {
 protected:
  std::shared_ptr<const LinkTable> table(const Texts& texts) {
    return world.table(front, world.candidates(texts)).value();
  }

  World world;
  std::shared_ptr<const component::PreparedComponent> front = world.front(kFront);
};

TEST_F(Session, MakesTheChosenCandidateWhenItIsFirstCalled) {
  Importer importer(world, table({{"a", counter_from(10)}, {"b", counter_from(20)}}));
  EXPECT_EQ(importer.choice().asked, 0);
  EXPECT_EQ(importer.callees().count(), 0U);
  EXPECT_EQ(importer.number("run"), 11U);
  EXPECT_EQ(importer.number("run"), 12U) << "the same instance";
  EXPECT_EQ(importer.choice().asked, 1);
  EXPECT_EQ(importer.callees().count(), 1U);
}

TEST_F(Session, HasOneInstanceOfEachCandidateThatKeepsItsState) {
  Importer importer(world, table({{"a", counter_from(10)}, {"b", counter_from(20)}}));
  SessionImport& import = *importer.session().find(kPlugin);
  EXPECT_EQ(importer.number("run"), 11U);
  ASSERT_TRUE(import.select("b"));
  EXPECT_EQ(importer.number("run"), 21U);
  ASSERT_TRUE(import.select("a"));
  EXPECT_EQ(importer.number("run"), 12U);
  EXPECT_EQ(importer.callees().count(), 2U);
}

TEST_F(Session, NamesTheCandidatesWhereThereIsNoneOfAName) {
  Importer importer(world, table({{"a", counter_from(10)}, {"b", counter_from(20)}}));
  importer.choice().name = "c";
  EXPECT_THAT(importer.failure("run"), HasSubstr("has no candidate `c`; there are `a`, `b`"));
  Importer none(world, table({}));
  EXPECT_THAT(none.failure("run"), HasSubstr("there are none"));
}

TEST_F(Session, EndsTheImporterWithAnErrorThatNamesTheFailedCandidate) {
  Importer importer(world, table({{"a", plugin_text("unreachable")}}));
  auto outcome = importer.call("run");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind(), ErrorKind::Trap);
  EXPECT_THAT(outcome.error().to_string(),
              AllOf(HasSubstr("unreachable"), HasSubstr("calling `next`"), HasSubstr(kPlugin),
                    HasSubstr("candidate `a`")));
  EXPECT_THAT(importer.failure("run"), HasSubstr("cannot enter component instance"));
}

TEST_F(Session, WaitsForHostFunctionsOfTheCallee) {
  const std::string waiting = fmt::format(R"((component
    (import "test:host/api" (instance $h
      (export "later" (func (param "value" u32) (result u32)))))
    (core func $later (canon lower (func $h "later")))
    (core module $m (import "" "later" (func $later (param i32) (result i32)))
      (func (export "next") (result i32) (call $later (call $later (i32.const 40)))))
    (core instance $i (instantiate $m (with "" (instance (export "later" (func $later))))))
    (func $next (result u32) (canon lift (core func $i "next")))
    (instance $api (export "next" (func $next))) (export "{}" (instance $api))))",
                                          kPlugin);
  Importer importer(world, table({{"a", waiting}}));
  EXPECT_EQ(importer.number("run"), 42U);
}

TEST_F(Session, ReplacesACandidateForSessionsThatBeginLater) {
  LinkSlot slot(table({{"a", counter_from(10)}}));
  Importer before(world, slot.get());
  Importer called(world, slot.get());
  EXPECT_EQ(called.number("run"), 11U);
  const Candidate newer{world.plugin(counter_from(90)), nullptr};
  slot.set(slot.get()->replaced(kPlugin, "a", newer).value());
  Importer after(world, slot.get());
  EXPECT_EQ(after.number("run"), 91U);
  EXPECT_EQ(called.number("run"), 12U);
  EXPECT_EQ(before.number("run"), 11U) << "also where the first call comes after the change";
}

TEST_F(Session, KeepsTheOldCandidateWhereTheNewOneDoesNotFit) {
  const auto old = table({{"a", counter_from(10)}});
  const Candidate other{world.plugin("(component)"), nullptr};
  auto replaced = old->replaced(kPlugin, "a", other);
  ASSERT_FALSE(replaced);
  EXPECT_THAT(replaced.error().to_string(),
              AllOf(HasSubstr("candidate `a`"), HasSubstr("`next` of test:late/plugin@1.0.0")));
  EXPECT_FALSE(old->replaced("test:late/other", "a", other));
  EXPECT_EQ(Importer(world, old).number("run"), 11U);
}

TEST_F(Session, CancelsTheCalleeWithItsImporter) {
  Importer importer(world, table({{"a", plugin_text("(loop $l (br $l)) unreachable")}}));
  io::CancelSource source(world.loop);
  int turns = 0;
  std::function<void()> wait_some = [&] {
    if (++turns < 50) return world.loop.post(wait_some);
    source.cancel(Error::canceled("the client left"));
  };
  world.loop.post(wait_some);
  using Value = std::optional<DynamicValue>;
  auto outcome = world.loop.block_on(source.run<Value>(importer.calling("run", {})));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message(), "the client left");
}

TEST_F(Session, SpendsOneBudgetOfProcessorTimeOnAllStores) {
  Importer importer(world, table({{"a", plugin_text("(loop $l (br $l)) unreachable")}}), 3);
  auto outcome = importer.call("run");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind(), ErrorKind::Timeout);
}

TEST(LinkBudget, BoundsTheInstancesOfARequest) {
  World world;
  LinkBudget budget(100);
  wasm::Store store(world.engine, {});
  budget.grant(store);
  EXPECT_FALSE(store.is_out_of_cpu());
  EXPECT_EQ(budget.remaining(), 100U);
  for (uint32_t i = 0; i < kCalleesMax; ++i) EXPECT_TRUE(budget.take_instance());
  EXPECT_EQ(budget.take_instance().error().kind(), ErrorKind::LimitExceeded);
}

// A plugin that calls the import it serves.
std::string recursive_text() {
  return fmt::format(R"((component
    (import "{0}" (instance $p (export "next" (func (result u32)))))
    (core func $next (canon lower (func $p "next")))
    (core module $m (import "" "next" (func $next (result i32)))
      (func (export "next") (result i32) (call $next)))
    (core instance $i (instantiate $m (with "" (instance (export "next" (func $next))))))
    (func $lifted (result u32) (canon lift (core func $i "next")))
    (instance $api (export "next" (func $lifted))) (export "{0}" (instance $api))))",
                     kPlugin);
}

TEST_F(Session, BoundsHowDeepLateImportsCallEachOther) {
  Choice choice;
  RecursiveCallees callees(world, choice);
  // The importer's functions have the same indices as the plugin's, so one table fits both.
  const auto recursive = world.front(recursive_text());
  const Candidates candidates{{"a", Candidate{recursive, nullptr}}};
  callees.set_table(world.table(recursive, candidates).value());
  Importer importer(world, world.table(front, candidates).value(), callees);
  EXPECT_THAT(importer.failure("run"), HasSubstr("deeper than 8"));
}

TEST_F(Session, LetsAGuestChoose) {
  Importer importer(world, table({{"a", counter_from(10)}, {"b", counter_from(20)}}));
  Select select(&importer.session());
  EXPECT_THAT(select.candidates("test:late/plugin@1.0.3").value(), ElementsAre("a", "b"));
  EXPECT_THAT(select.candidates("test:late/other@1.0.0").value(), ElementsAre());
  EXPECT_TRUE(select.select(kPlugin, "b").value().has_value());
  EXPECT_EQ(importer.number("run"), 21U);
  EXPECT_THAT(select.select(kPlugin, "z").value().error(), HasSubstr("no candidate `z`"));
  EXPECT_THAT(select.select("x:y/z", "a").value().error(), HasSubstr("not bound at run time"));
  Select none(nullptr);
  EXPECT_THAT(none.candidates(kPlugin).value(), ElementsAre());
  EXPECT_FALSE(none.select(kPlugin, "a").value().has_value());
}

// ---- what fits ----

std::string failure(World& world, const std::string& plugin) {
  auto made = world.table(world.front(kFront), world.candidates({{"a", plugin}}));
  return made ? "fits" : made.error().to_string();
}

TEST(Match, NamesFunctionAndBothTypesWhereTheyDiffer) {
  World world;
  const std::string other = fmt::format(R"((component
    (core module $m (func (export "next") (param i64) (result i32) unreachable))
    (core instance $i (instantiate $m))
    (func $next (param "from" u64) (result u32) (canon lift (core func $i "next")))
    (instance $api (export "next" (func $next))) (export "{}" (instance $api))))",
                                        kPlugin);
  EXPECT_THAT(failure(world, other),
              HasSubstr("`next` of test:late/plugin@1.0.0 is func(from:u64)->u32, the import is "
                        "func()->u32"));
  EXPECT_THAT(failure(world, "(component)"), HasSubstr("is not exported"));
  EXPECT_EQ(failure(world, counter_from(0)), "fits");
}

TEST(Match, TakesAnotherVersionOfTheSameTrack) {
  World world;
  std::string newer = counter_from(0);
  newer.replace(newer.find("@1.0.0"), 6, "@1.4.0");
  EXPECT_EQ(failure(world, newer), "fits");
  newer.replace(newer.find("@1.4.0"), 6, "@2.0.0");
  EXPECT_THAT(failure(world, newer), HasSubstr("is not exported"));
}

TEST(Match, WantsAnImportToBind) {
  World world;
  const LateBinding binding{{"test:late/other"}, {}};
  auto made = LinkTable::create(world.front(kFront), std::span(&binding, 1));
  EXPECT_THAT(made.error().message(), HasSubstr("the component imports no function of it"));
  const std::array twice{LateBinding{{std::string(kPlugin)}, {}},
                         LateBinding{{"test:late/plugin@1.1.0"}, {}}};
  made = LinkTable::create(world.front(kFront), twice);
  EXPECT_THAT(made.error().message(), HasSubstr("bound twice"));
}

}  // namespace
}  // namespace spindle::link
