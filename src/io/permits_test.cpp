#include "io/permits.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace spindle::io {
namespace {

using Held = std::optional<Permits::Permit>;

Task<void> hold(Permits& permits, EventLoop& loop, Held& held) {
  auto taking = permits.take(loop);
  held.emplace(co_await std::move(taking));
}

TEST(Permits, ServeThoseWhoWaitInTheirOrder) {
  EventLoop loop;
  TaskGroup tasks(loop);
  Permits permits(2);
  std::array<Held, 4> held;
  for (Held& each : held) tasks.spawn(hold(permits, loop, each));
  loop.poll();
  EXPECT_TRUE(held[0] && held[1] && !held[2] && !held[3]);
  EXPECT_TRUE(permits.has_waiters());
  EXPECT_FALSE(permits.try_take());
  held[1].reset();
  loop.poll();
  EXPECT_TRUE(held[2] && !held[3]);
  held[0].reset();
  held[2].reset();
  loop.poll();
  EXPECT_TRUE(held[3]);
  EXPECT_FALSE(permits.has_waiters());
  EXPECT_TRUE(permits.try_take());
}

TEST(Permits, ThoseWhoLeaveTakeNoneWithThem) {
  EventLoop loop;
  Permits permits(1);
  auto only = permits.try_take();
  Held held;
  for (const bool is_granted : {false, true}) {
    TaskGroup tasks(loop);
    tasks.spawn(hold(permits, loop, held));
    loop.poll();
    // Granted, but not resumed yet.
    if (is_granted) only.reset();
    tasks.cancel();
    loop.block_on(tasks.drained());
    EXPECT_FALSE(held);
    EXPECT_FALSE(permits.has_waiters());
  }
  EXPECT_TRUE(permits.try_take());
}

TEST(Permits, NoneAtAllIsAlimitToo) {
  Permits permits(0);
  EXPECT_FALSE(permits.try_take());
}

struct Contest {
  Permits permits{3};
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::atomic<int> done = 0;

  static Task<void> run(Contest& contest, EventLoop& loop) {
    for (int round = 0; round < 200; ++round) {
      auto taking = contest.permits.take(loop);
      auto permit = co_await std::move(taking);
      const int now = ++contest.inside;
      int most = contest.most;
      while (now > most && !contest.most.compare_exchange_weak(most, now)) {
      }
      co_await yield(loop);
      --contest.inside;
    }
    ++contest.done;
  }
};

TEST(Permits, HoldAcrossLoopsAndThreads) {
  Contest contest;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&contest] {
      EventLoop loop;
      TaskGroup tasks(loop);
      for (int task = 0; task < 5; ++task) tasks.spawn(Contest::run(contest, loop));
      loop.block_on(tasks.drained());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(contest.done, 20);
  EXPECT_GE(contest.most, 1);
  EXPECT_LE(contest.most, 3);
}

}  // namespace
}  // namespace spindle::io
