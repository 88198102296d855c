#include "component/host/stream.h"

#include <gtest/gtest.h>

#include "io/event_loop.h"

namespace spindle::component {
namespace {

io::Task<std::vector<int>> collect(Stream<int> stream, size_t at_once) {
  std::vector<int> all;
  std::vector<int> buffer(at_once);
  while (true) {
    auto reading = stream.next(buffer);
    const StreamStep step = co_await std::move(reading);
    all.insert(all.end(), buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(step.count));
    if (step.is_ended) co_return all;
  }
}

TEST(Stream, GivesItemsInOrderWhateverTheBuffer) {
  io::EventLoop loop;
  const std::vector<int> items{1, 2, 3, 4, 5};
  for (size_t at_once : {1U, 2U, 5U, 9U}) {
    EXPECT_EQ(loop.block_on(collect(Stream<int>::of(items), at_once)), items) << at_once;
  }
}

TEST(Stream, AnEmptyOneEndsAtOnce) {
  Stream<int> stream;
  std::vector<int> buffer(1);
  EXPECT_TRUE(stream.read(buffer).is_ended);
  io::EventLoop loop;
  EXPECT_FALSE(loop.block_on(stream.next()).has_value());
}

TEST(Stream, AViewLeavesWhatWasNotTaken) {
  auto stream = Stream<int>::of({1, 2, 3});
  ASSERT_TRUE(stream.has_view());
  const StreamStep first = stream.view([](std::span<const int> items) {
    EXPECT_EQ(items.size(), 3U);
    return size_t{2};
  });
  EXPECT_EQ(first.count, 2U);
  EXPECT_FALSE(first.is_ended);
  const StreamStep second = stream.view([](std::span<const int> items) {
    EXPECT_EQ(items[0], 3);
    return items.size();
  });
  EXPECT_TRUE(second.is_ended);
  EXPECT_FALSE(stream.has_source());
}

TEST(Future, GivesAValueThatIsThereOnce) {
  io::EventLoop loop;
  auto future = Future<std::string>::of("here");
  EXPECT_EQ(loop.block_on(future.get()), "here");
  EXPECT_FALSE(loop.block_on(future.get()).has_value());
}

io::Task<void> set_later(io::EventLoop& loop, Promise<std::string> promise) {
  auto turn = io::yield(loop);
  co_await std::move(turn);
  promise.set("later");
}

TEST(Future, WaitsForItsPromise) {
  io::EventLoop loop;
  auto [promise, future] = make_future<std::string>(loop);
  io::TaskGroup group(loop);
  group.spawn(set_later(loop, std::move(promise)));
  EXPECT_EQ(loop.block_on(future.get()), "later");
  loop.block_on(group.drained());
}

TEST(Future, ADroppedPromiseLeavesNothing) {
  io::EventLoop loop;
  auto [promise, future] = make_future<void>(loop);
  promise = {};
  EXPECT_FALSE(loop.block_on(future.get()).has_value());
}

TEST(Promise, OutlivesItsReader) {
  io::EventLoop loop;
  auto [promise, future] = make_future<int>(loop);
  future = {};
  promise.set(1);
  EXPECT_FALSE(promise.is_pending());
}

}  // namespace
}  // namespace spindle::component
