#include "trigger/http/permits.h"

#include <gtest/gtest.h>

namespace spindle::trigger {
namespace {

using namespace std::chrono_literals;

io::Task<void> hold(Permits& permits, io::Event& until, std::vector<std::string>& notes) {
  auto acquiring = permits.acquire();
  auto permit = co_await std::move(acquiring);
  notes.push_back(permit ? "in" : permit.error().message());
  co_await until.wait();
}

io::Task<void> let_run(io::EventLoop& loop, int turns) {
  for (int turn = 0; turn < turns; ++turn) co_await io::yield(loop);
}

io::Task<void> wait_drained(io::TaskGroup& group) {
  co_await group.drained();
}

TEST(Permits, QueuesBeyondTheLimitAndRefusesBeyondTheQueue) {
  io::EventLoop loop;
  io::Event until(loop);
  io::TaskGroup group(loop);
  Permits permits(loop, {.running_max = 1, .waiting_max = 1, .wait_max = 10s});
  std::vector<std::string> notes;
  for (int count = 0; count < 3; ++count) group.spawn(hold(permits, until, notes));
  loop.block_on(let_run(loop, 5));
  EXPECT_EQ(notes, (std::vector<std::string>{"in", "too many requests are waiting"}));
  EXPECT_EQ(permits.waiting(), 1u);
  until.set();
  loop.block_on(wait_drained(group));
  EXPECT_EQ(notes.back(), "in");
  EXPECT_EQ(permits.running(), 0u);
  EXPECT_EQ(permits.waiting(), 0u);
}

TEST(Permits, AWaitEndsAtItsDeadline) {
  io::EventLoop loop;
  io::Event until(loop);
  io::TaskGroup group(loop);
  Permits permits(loop, {.running_max = 1, .waiting_max = 1, .wait_max = 20ms});
  auto held = permits.try_acquire();
  ASSERT_TRUE(held);
  until.set();
  std::vector<std::string> notes;
  group.spawn(hold(permits, until, notes));
  loop.block_on(wait_drained(group));
  EXPECT_EQ(notes, (std::vector<std::string>{"waiting for a place took too long"}));
  EXPECT_EQ(permits.waiting(), 0u);
  EXPECT_EQ(permits.running(), 1u);
}

}  // namespace
}  // namespace spindle::trigger
