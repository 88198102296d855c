#include "io/background_tasks.h"

#include <gtest/gtest.h>

#include <optional>

#include "io/event_loop.h"

namespace spindle::io {
namespace {

// What a task shares with the test.
struct Shared {
  explicit Shared(EventLoop& loop) : go(loop) {}
  Event go;
  int finished = 0;
};

Task<void> work(std::shared_ptr<Shared> shared) {
  co_await shared->go.wait();
  ++shared->finished;
}

TEST(BackgroundTasks, RunToTheirEndAndAreForgotten) {
  EventLoop loop;
  BackgroundTasks tasks(loop);
  EXPECT_EQ(tasks.size(), 0U);
  auto shared = std::make_shared<Shared>(loop);
  tasks.spawn(work(shared));
  tasks.spawn(work(shared));
  loop.poll();
  EXPECT_EQ(tasks.size(), 2U);
  shared->go.set();
  loop.poll();
  EXPECT_EQ(shared->finished, 2);
  EXPECT_EQ(tasks.size(), 0U);
}

TEST(BackgroundTasks, EndWithTheirOwnerInALaterTurn) {
  EventLoop loop;
  auto shared = std::make_shared<Shared>(loop);
  {
    BackgroundTasks tasks(loop);
    tasks.spawn(work(shared));
    tasks.spawn(work(shared));
    loop.poll();
  }
  EXPECT_GT(shared.use_count(), 1);
  loop.poll();
  EXPECT_EQ(shared.use_count(), 1);
  EXPECT_EQ(shared->finished, 0);
}

TEST(BackgroundTasks, MayBeCanceledBeforeTheyStart) {
  EventLoop loop;
  auto shared = std::make_shared<Shared>(loop);
  shared->go.set();
  std::optional<BackgroundTasks> tasks(std::in_place, loop);
  tasks->spawn(work(shared));
  tasks.reset();
  loop.poll();
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(BackgroundTasks, MayBeLeftWhenTheLoopEnds) {
  std::weak_ptr<Shared> watched;
  {
    EventLoop loop;
    auto shared = std::make_shared<Shared>(loop);
    watched = shared;
    BackgroundTasks tasks(loop);
    tasks.spawn(work(std::move(shared)));
    loop.poll();
  }
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace spindle::io
