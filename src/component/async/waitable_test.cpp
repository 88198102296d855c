#include "component/async/waitable.h"

#include <memory>

#include <gtest/gtest.h>

namespace spindle::component {
namespace {

class CountingTarget final : public WakeTarget {
 public:
  void wake() override { ++wakes; }
  int wakes = 0;
};

class Numbered final : public Waitable {
 public:
  Numbered(WakeTarget& target, uint32_t number) : Waitable(target), number_(number) {}

 protected:
  WaitEvent deliver() override { return {EventCode::StreamRead, number_, ++deliveries_}; }

 private:
  uint32_t number_;
  uint32_t deliveries_ = 0;
};

TEST(Waitable, DeliversAnEventOnce) {
  CountingTarget target;
  Numbered waitable(target, 7);
  EXPECT_FALSE(waitable.has_event());
  waitable.set_event();
  waitable.set_event();  // takes the place of the earlier
  EXPECT_EQ(target.wakes, 2);
  EXPECT_EQ(waitable.take_event().index, 7U);
  EXPECT_FALSE(waitable.has_event());
}

TEST(WaitableSet, GivesEventsInTheirOrder) {
  CountingTarget target;
  WaitableSet set;
  Numbered first(target, 1);
  Numbered second(target, 2);
  Numbered third(target, 3);
  for (Numbered* waitable : {&first, &second, &third}) waitable->join(&set);
  second.set_event();
  first.set_event();
  EXPECT_EQ(set.take_event().index, 2U);
  EXPECT_EQ(set.take_event().index, 1U);
  EXPECT_FALSE(set.has_event());
}

TEST(WaitableSet, KnowsWhoJoinedWithAnEvent) {
  CountingTarget target;
  WaitableSet set;
  Numbered waitable(target, 1);
  waitable.set_event();
  const int before = target.wakes;
  waitable.join(&set);
  EXPECT_GT(target.wakes, before);
  EXPECT_TRUE(set.has_event());
  waitable.join(nullptr);
  EXPECT_FALSE(set.has_event());
  EXPECT_TRUE(set.is_empty());
  EXPECT_TRUE(waitable.has_event());
}

TEST(WaitableSet, ForgetsMembersThatGo) {
  CountingTarget target;
  WaitableSet set;
  auto waitable = std::make_unique<Numbered>(target, 1);
  waitable->join(&set);
  waitable->set_event();
  waitable.reset();
  EXPECT_TRUE(set.is_empty());
  EXPECT_FALSE(set.has_event());
}

TEST(WaitableSet, MayGoBeforeItsMembers) {
  CountingTarget target;
  auto set = std::make_unique<WaitableSet>();
  Numbered waitable(target, 1);
  waitable.join(set.get());
  set.reset();
  waitable.set_event();
  EXPECT_TRUE(waitable.has_event());
}

}  // namespace
}  // namespace spindle::component
