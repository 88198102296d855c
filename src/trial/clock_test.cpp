#include "trial/clock.h"

#include <gmock/gmock.h>

#include <string>

namespace spindle::trial {
namespace {

TEST(TrialClocks, StandStillUntilTheyAreMovedOn) {
  TrialClocks clocks({.seconds = 100, .nanoseconds = 900'000'000});
  EXPECT_EQ(clocks.wall_now(), (wasi::WallTime{100, 900'000'000}));
  const auto begin = clocks.monotonic_now();
  EXPECT_GT(begin, 0u);
  clocks.advance(1'200'000'000);
  EXPECT_EQ(clocks.wall_now(), (wasi::WallTime{102, 100'000'000}));
  EXPECT_EQ(clocks.monotonic_now(), begin + 1'200'000'000u);
}

TEST(TrialClocks, JumpToTheNextTimerAndFireThoseThatAreDueInOrder) {
  TrialClocks clocks({});
  const auto begin = clocks.monotonic_now();
  std::string fired;
  auto late = clocks.start_timer(begin + 20, [&] { fired += 'c'; });
  auto first = clocks.start_timer(begin + 10, [&] { fired += 'a'; });
  auto second = clocks.start_timer(begin + 10, [&] { fired += 'b'; });
  auto dropped = clocks.start_timer(begin + 5, [&] { fired += 'x'; });
  dropped.reset();
  EXPECT_TRUE(clocks.jump());
  EXPECT_EQ(fired, "ab");
  EXPECT_EQ(clocks.monotonic_now(), begin + 10u);
  EXPECT_TRUE(clocks.jump());
  EXPECT_EQ(fired, "abc");
  EXPECT_FALSE(clocks.jump());
}

TEST(TrialClocks, FireTimersThatActionsStart) {
  TrialClocks clocks({});
  const auto begin = clocks.monotonic_now();
  std::string fired;
  std::unique_ptr<wasi::Clocks::Timer> inner;
  auto outer = clocks.start_timer(begin + 10, [&] {
    fired += 'a';
    inner = clocks.start_timer(begin + 15, [&] { fired += 'b'; });
  });
  clocks.advance(100);
  EXPECT_EQ(fired, "ab");
  EXPECT_EQ(clocks.monotonic_now(), begin + 100u);
}

}  // namespace
}  // namespace spindle::trial
