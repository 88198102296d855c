#include "trial/clock.h"

#include <gmock/gmock.h>

#include <string>

namespace spindle::trial {
namespace {

TEST(TrialClocks, StandStillUntilTheyAreMovedOn) {
  TrialClocks clocks({.seconds = 100, .nanoseconds = 900'000'000});
  EXPECT_EQ(clocks.wall_now(), (wasi::WallTime{100, 900'000'000}));
  clocks.advance(1'200'000'000);
  EXPECT_EQ(clocks.wall_now(), (wasi::WallTime{102, 100'000'000}));
  EXPECT_EQ(clocks.monotonic_now(), 1'200'000'000u);
}

TEST(TrialClocks, JumpToTheNextTimerAndFireThoseThatAreDueInOrder) {
  TrialClocks clocks({});
  std::string fired;
  auto late = clocks.start_timer(20, [&] { fired += 'c'; });
  auto first = clocks.start_timer(10, [&] { fired += 'a'; });
  auto second = clocks.start_timer(10, [&] { fired += 'b'; });
  auto dropped = clocks.start_timer(5, [&] { fired += 'x'; });
  dropped.reset();
  EXPECT_TRUE(clocks.jump());
  EXPECT_EQ(fired, "ab");
  EXPECT_EQ(clocks.monotonic_now(), 10u);
  EXPECT_TRUE(clocks.jump());
  EXPECT_EQ(fired, "abc");
  EXPECT_FALSE(clocks.jump());
}

TEST(TrialClocks, FireTimersThatActionsStart) {
  TrialClocks clocks({});
  std::string fired;
  std::unique_ptr<wasi::Clocks::Timer> inner;
  auto outer = clocks.start_timer(10, [&] {
    fired += 'a';
    inner = clocks.start_timer(15, [&] { fired += 'b'; });
  });
  clocks.advance(100);
  EXPECT_EQ(fired, "ab");
  EXPECT_EQ(clocks.monotonic_now(), 100u);
}

}  // namespace
}  // namespace spindle::trial
