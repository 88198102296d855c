#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "io/blocking_pool.h"
#include "io/cancel.h"
#include "io/deadlines.h"
#include "io/event.h"
#include "io/event_loop.h"
#include "io/eventual.h"

namespace spindle::io {
namespace {

using namespace std::chrono_literals;

Task<void> wait_and_note(Event& event, std::vector<std::string>& notes, std::string note) {
  co_await event.wait();
  notes.push_back(std::move(note));
}

Task<void> set_and_drain(EventLoop& loop, Event& event, TaskGroup& group,
                         std::vector<std::string>& notes) {
  co_await yield(loop);
  notes.push_back("set");
  event.set();
  co_await group.drained();
}

TEST(Event, WakesEveryWaiterOnceItIsSet) {
  EventLoop loop;
  Event event(loop);
  TaskGroup group(loop);
  std::vector<std::string> notes;
  group.spawn(wait_and_note(event, notes, "first"));
  group.spawn(wait_and_note(event, notes, "second"));
  loop.block_on(set_and_drain(loop, event, group, notes));
  EXPECT_EQ(notes, (std::vector<std::string>{"set", "first", "second"}));
}

Task<void> cancel_and_drain(EventLoop& loop, TaskGroup& group) {
  co_await yield(loop);
  co_await yield(loop);
  group.cancel();
  co_await group.drained();
}

TEST(TaskGroup, CancelUnwindsTasksThatWait) {
  EventLoop loop;
  Event never(loop);
  std::vector<std::string> notes;
  std::vector<std::string> reports;
  TaskGroup group(loop, [&](const Error& error) { reports.push_back(error.to_string()); });
  group.spawn(wait_and_note(never, notes, "never"));
  group.spawn(wait_and_note(never, notes, "never"));
  loop.block_on(cancel_and_drain(loop, group));
  EXPECT_TRUE(notes.empty());
  EXPECT_TRUE(reports.empty());
  EXPECT_FALSE(never.has_waiters());
  EXPECT_EQ(group.size(), 0u);
}

Task<Result<int>> wait_for(Event& event, int value) {
  co_await event.wait();
  co_return value;
}

TEST(Deadline, TurnsAWaitIntoATimeout) {
  EventLoop loop;
  Event never(loop);
  auto result = loop.block_on(with_deadline<int>(loop, 20ms, "the test", wait_for(never, 1)));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind(), ErrorKind::Timeout);
  EXPECT_EQ(result.error().message(), "the test took too long");
}

TEST(Deadline, LeavesAResultAloneThatCameInTime) {
  EventLoop loop;
  Event ready(loop);
  ready.set();
  auto result = loop.block_on(with_deadline<int>(loop, 10s, "the test", wait_for(ready, 7)));
  EXPECT_EQ(result.value(), 7);
}

Task<void> wait_with_deadline(EventLoop& loop, Event& never, bool& is_over) {
  auto bounded = with_deadline<int>(loop, 10s, "the test", wait_for(never, 1));
  (void)co_await std::move(bounded);
  is_over = true;
}

TEST(Deadline, CancellationPassesThrough) {
  EventLoop loop;
  Event never(loop);
  TaskGroup group(loop);
  bool is_over = false;
  group.spawn(wait_with_deadline(loop, never, is_over));
  const auto begin = Clock::now();
  loop.block_on(cancel_and_drain(loop, group));
  EXPECT_LT(Clock::now() - begin, 5s);
  EXPECT_FALSE(is_over);
  EXPECT_FALSE(never.has_waiters());
}

TEST(Deadlines, AnEarlierOneArmedLaterFiresFirst) {
  EventLoop loop;
  std::vector<int> fired;
  auto slow = loop.deadlines().arm(60ms, [&] {
    fired.push_back(2);
    loop.stop();
  });
  auto fast = loop.deadlines().arm(10ms, [&] { fired.push_back(1); });
  auto never = loop.deadlines().arm(20ms, [&] { fired.push_back(3); });
  never.disarm();
  loop.run();
  EXPECT_EQ(fired, (std::vector<int>{1, 2}));
}

Task<Result<int>> canceled_work(CancelSource& source, Event& never) {
  auto work = source.run<int>(wait_for(never, 1));
  auto result = co_await std::move(work);
  co_return result;
}

TEST(CancelSource, RefusesToStartOnceCanceledAndKeepsTheFirstReason) {
  EventLoop loop;
  Event never(loop);
  CancelSource source(loop);
  source.cancel(Error::canceled("client left"));
  source.cancel(Error::timeout("late"));
  auto result = loop.block_on(canceled_work(source, never));
  EXPECT_EQ(result.error().message(), "client left");
}

Task<int> compute(EventLoop& loop, BlockingPool& pool, std::thread::id& seen) {
  auto value = co_await run_blocking(loop, pool, [&seen] {
    seen = std::this_thread::get_id();
    return 42;
  });
  co_return value;
}

TEST(BlockingPool, RunsOnAnotherThreadAndResumesOnTheLoop) {
  EventLoop loop;
  BlockingPool pool(2);
  std::thread::id seen;
  EXPECT_EQ(loop.block_on(compute(loop, pool, seen)), 42);
  EXPECT_NE(seen, std::this_thread::get_id());
}

Task<void> compute_group(EventLoop& loop, BlockingPool& pool, TaskGroup& group, int& total) {
  for (int number = 1; number <= 50; ++number) {
    group.spawn([](EventLoop& on, BlockingPool& threads, int value, int& sum) -> Task<void> {
      auto squared = co_await run_blocking(on, threads, [value] { return value * value; });
      sum += squared;
    }(loop, pool, number, total));
  }
  co_await yield(loop);
  group.cancel();
  co_await group.drained();
}

TEST(BlockingPool, ACanceledTaskWaitsForItsFunction) {
  EventLoop loop;
  BlockingPool pool(3);
  TaskGroup group(loop);
  int total = 0;
  loop.block_on(compute_group(loop, pool, group, total));
  EXPECT_EQ(group.size(), 0u);
}

TEST(Eventual, IsReadyOrBringsItsValue) {
  EventLoop loop;
  Eventual<int> ready = 3;
  EXPECT_TRUE(ready.is_ready());
  EXPECT_EQ(ready.take_ready().value(), 3);
  Event set(loop);
  set.set();
  Eventual<int> pending = wait_for(set, 4);
  EXPECT_FALSE(pending.is_ready());
  EXPECT_EQ(loop.block_on(Eventual<int>::wait(std::move(pending))).value(), 4);
}

}  // namespace
}  // namespace spindle::io
