#include "wasi/core/clocks.h"

#include <gtest/gtest.h>

#include "io/background_tasks.h"
#include "io/cancel.h"
#include "io/event_loop.h"
#include "wasi/core/streams.h"

namespace spindle::wasi {
namespace {

using Indices = std::vector<uint32_t>;

class Polling : public testing::Test {
 protected:
  Result<Indices> poll_now(std::vector<Pollable*> pollables) {
    auto polling = poll(loop_, pollables);
    return loop_.block_on(io::Eventual<Indices>::wait(std::move(polling)));
  }

  io::EventLoop loop_;
  ManualClocks clocks_{{.seconds = 1'700'000'000, .nanoseconds = 999'999'999}};
};

TEST_F(Polling, TrapsOnAnEmptyList) {
  auto polled = poll_now({});
  ASSERT_FALSE(polled.has_value());
  EXPECT_EQ(polled.error().kind(), ErrorKind::Trap);
}

TEST_F(Polling, TrapsOnAListBeyondTheLimit) {
  auto now = subscribe_instant(loop_, clocks_, 0);
  std::vector<Pollable*> list(kPollListMax + 1, now.get());
  EXPECT_EQ(poll_now(list).error().kind(), ErrorKind::Trap);
  list.pop_back();
  EXPECT_EQ(poll_now(list).value().size(), kPollListMax);
}

TEST_F(Polling, ReportsEveryReadyOneAndRepeatsOfTheSame) {
  auto early = subscribe_duration(loop_, clocks_, 10);
  auto late = subscribe_duration(loop_, clocks_, 1000);
  clocks_.advance(20);
  EXPECT_EQ(poll_now({late.get(), early.get(), late.get(), early.get()}).value(), (Indices{1, 3}));
}

TEST_F(Polling, WaitsForTheFirstOfSeveralTimers) {
  auto early = subscribe_duration(loop_, clocks_, 100);
  auto late = subscribe_duration(loop_, clocks_, 1000);
  std::vector<Pollable*> list = {late.get(), early.get()};
  auto polling = poll(loop_, list);
  ASSERT_FALSE(polling.is_ready());
  loop_.post([&] { clocks_.advance(99); });
  loop_.post([&] { EXPECT_FALSE(early->is_ready()); });
  loop_.post([&] { clocks_.advance(1); });
  auto polled = loop_.block_on(io::Eventual<Indices>::wait(std::move(polling)));
  EXPECT_EQ(polled.value(), Indices{1});
  EXPECT_FALSE(late->is_ready());
}

TEST_F(Polling, BlocksOnOne) {
  auto pollable = subscribe_instant(loop_, clocks_, 50);
  EXPECT_FALSE(pollable->is_ready());
  auto blocking = pollable->block();
  loop_.post([&] { clocks_.advance(50); });
  EXPECT_TRUE(loop_.block_on(io::Eventual<void>::wait(std::move(blocking))).has_value());
  EXPECT_TRUE(pollable->is_ready());
}

TEST_F(Polling, LetsTheLoopRunBeforeATimerOfNoDurationIsReady) {
  bool ran = false;
  loop_.post([&] { ran = true; });
  auto now = subscribe_duration(loop_, clocks_, 0);
  EXPECT_EQ(poll_now({now.get()}).value(), Indices{0});
  EXPECT_TRUE(ran);
}

TEST_F(Polling, NeverEndsADurationBeyondTheClock) {
  clocks_.advance(100);
  auto never = subscribe_duration(loop_, clocks_, ~uint64_t{0});
  never->find_source()->prepare_wait();
  EXPECT_EQ(clocks_.timer_count(), 0U);
  EXPECT_FALSE(never->is_ready());
}

TEST_F(Polling, ForgetsItsTimersWhenCanceled) {
  auto first = subscribe_duration(loop_, clocks_, 100);
  auto second = subscribe_duration(loop_, clocks_, 200);
  std::vector<Pollable*> list = {first.get(), second.get()};
  io::CancelSource source(loop_);
  loop_.post([&] { source.cancel(Error::canceled("the client left")); });
  auto work = source.run<Indices>(poll(loop_, list).take_task());
  EXPECT_FALSE(loop_.block_on(std::move(work)).has_value());
  first.reset();
  second.reset();
  EXPECT_EQ(clocks_.timer_count(), 0U);
}

TEST_F(Polling, AnOrphanIsReady) {
  auto stream = std::make_unique<ClosedInputStream>(loop_);
  Pollable pollable(*stream);
  stream.reset();
  EXPECT_TRUE(pollable.is_ready());
  EXPECT_TRUE(pollable.block().is_ready());
  EXPECT_EQ(poll_now({&pollable}).value(), Indices{0});
}

TEST_F(Polling, TheWallClockCarriesNanoseconds) {
  clocks_.advance(2);
  EXPECT_EQ(clocks_.wall_now(), (WallTime{1'700'000'001, 1}));
}

TEST(SystemClocks, WaitNoShorterThanAsked) {
  io::EventLoop loop;
  SystemClocks clocks(loop);
  MonotonicNs start = clocks.monotonic_now();
  auto pollable = subscribe_duration(loop, clocks, 2'000'000);
  EXPECT_TRUE(loop.block_on(io::Eventual<void>::wait(pollable->block())).has_value());
  EXPECT_GE(clocks.monotonic_now(), start + 2'000'000);
  EXPECT_GT(clocks.wall_now().seconds, 1'600'000'000);
  EXPECT_GT(clocks.monotonic_resolution(), 0U);
}

TEST_F(Polling, WaitsForInstantsAndDurations) {
  io::BackgroundTasks tasks(loop_);
  tasks.spawn(wait_until(loop_, clocks_, 100));
  tasks.spawn(wait_for(loop_, clocks_, 200));
  tasks.spawn(wait_for(loop_, clocks_, ~uint64_t{0}));
  clocks_.advance(50);
  loop_.poll();
  EXPECT_EQ(tasks.size(), 3U);
  clocks_.advance(50);
  loop_.poll();
  EXPECT_EQ(tasks.size(), 2U);
  clocks_.advance(150);
  loop_.poll();
  EXPECT_EQ(tasks.size(), 1U);
  tasks.cancel();
  loop_.poll();
  EXPECT_EQ(tasks.size(), 0U);
  EXPECT_EQ(clocks_.timer_count(), 0U);
}

TEST_F(Polling, AWaitThatIsOverLetsOthersRunFirst) {
  clocks_.advance(100);
  for (uint64_t instant : {0U, 100U}) {
    bool others_ran = false;
    auto waiting = wait_until(loop_, clocks_, instant);
    loop_.post([&] { others_ran = true; });
    loop_.block_on(std::move(waiting));
    EXPECT_TRUE(others_ran);
  }
}

TEST_F(Polling, TheWallClockCountsOnFromBefore1970) {
  ManualClocks clocks({.seconds = -2, .nanoseconds = 500'000'000});
  clocks.advance(600'000'000);
  EXPECT_EQ(clocks.wall_now(), (WallTime{-1, 100'000'000}));
}

}  // namespace
}  // namespace spindle::wasi
