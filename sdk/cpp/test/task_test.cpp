// Coroutines of the SDK, natively.

#include <spindle/task.h>

#include <gtest/gtest.h>

namespace spindle {
namespace {

// What a test opens by hand.
struct Gate {
  std::coroutine_handle<> waiting;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) { waiting = handle; }
  void await_resume() const {}
  void open() { std::exchange(waiting, nullptr).resume(); }
};

Task<int> now(int value) {
  co_return value;
}

Task<int> after(Gate& gate, int value) {
  co_await gate;
  co_return value;
}

Task<void> sum(int count, long& total) {
  for (int i = 0; i < count; ++i) total += co_await now(1);
}

TEST(Task, DoesNotGrowTheStackWithWhatEndsAtOnce) {
  long total = 0;
  Task<void> task = sum(1'000'000, total);
  task.start();
  EXPECT_TRUE(task.is_done());
  EXPECT_EQ(total, 1'000'000);
}

Task<void> gather(Gate& first, Gate& second, std::vector<int>& seen) {
  auto [a, b, c] = co_await when_all(after(first, 1), now(2), after(second, 3));
  seen = {a, b, c};
}

TEST(Task, WaitsForAllInAnyOrder) {
  Gate first;
  Gate second;
  std::vector<int> seen;
  Task<void> task = gather(first, second, seen);
  task.start();
  second.open();
  EXPECT_FALSE(task.is_done());
  first.open();
  EXPECT_TRUE(task.is_done());
  EXPECT_EQ(seen, (std::vector{1, 2, 3}));
}

Task<void> gather_list(std::vector<Task<int>> tasks, std::vector<int>& seen) {
  seen = co_await when_all(std::move(tasks));
}

TEST(Task, WaitsForAList) {
  Gate gate;
  std::vector<int> seen{9};
  std::vector<Task<int>> tasks;
  tasks.push_back(after(gate, 7));
  tasks.push_back(now(8));
  Task<void> task = gather_list(std::move(tasks), seen);
  task.start();
  gate.open();
  EXPECT_EQ(seen, (std::vector{7, 8}));
  Task<void> none = gather_list({}, seen);
  none.start();
  EXPECT_TRUE(seen.empty());
}

struct CountsItsEnd {
  int& ends;
  ~CountsItsEnd() { ++ends; }
};

Task<void> hold(Gate& gate, int& ends) {
  const CountsItsEnd guard{ends};
  co_await gate;
}

TEST(Task, DropsWhatWaits) {
  Gate gate;
  int ends = 0;
  {
    auto task = when_all(hold(gate, ends), hold(gate, ends));
    task.start();
    EXPECT_EQ(ends, 0);
  }
  EXPECT_EQ(ends, 2);
}

}  // namespace
}  // namespace spindle
