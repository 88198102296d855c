#include "runtime/instance_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/event_loop.h"

namespace spindle::runtime {
namespace {

using app::InstanceMode;
using namespace std::chrono_literals;

struct Counts {
  int made = 0;
  int alive = 0;
  int ended = 0;
};

class FakeGuest final : public PooledGuest {
 public:
  explicit FakeGuest(Counts& counts) : counts_(counts), number_(++counts.made) { ++counts.alive; }
  ~FakeGuest() override { --counts_.alive; }
  bool is_healthy() override { return is_healthy_; }
  bool is_clean() override { return is_clean_ && work_ == nullptr; }
  bool needs_end() override { return work_ != nullptr; }
  io::Task<void> done() override { return work_->wait(); }
  io::Task<void> end() override {
    ++counts_.ended;
    co_return;
  }
  void work_until_done() { work_ = nullptr; }
  // Goes on with something after its requests.
  void work_until(io::Event& event) { work_ = &event; }
  int number() const { return number_; }
  void fail() { is_healthy_ = false; }
  void leave_something() { is_clean_ = false; }

 private:
  Counts& counts_;
  int number_;
  bool is_healthy_ = true;
  bool is_clean_ = true;
  io::Event* work_ = nullptr;
};

struct InstancePoolTest : testing::Test {
  InstancePools& pools(InstancePools::Options options = {}) {
    return made.emplace(loop, random, options);
  }
  // The instance of a lease, made where there is none.
  FakeGuest& guest(InstanceLease& lease) {
    if (lease.guest() == nullptr) {
      EXPECT_TRUE(lease.try_make());
      lease.set_guest(std::make_unique<FakeGuest>(counts));
    }
    return static_cast<FakeGuest&>(*lease.guest());
  }
  // A request that comes and goes; the number of its instance.
  int use(InstancePool& pool) {
    auto lease = made->try_acquire(pool);
    return lease ? guest(*lease).number() : 0;
  }
  io::Task<void> queue(InstancePool& pool) {
    auto acquiring = made->acquire(pool);
    auto lease = co_await std::move(acquiring);
    notes.push_back(lease ? "let in" : lease.error().message());
    if (lease) held.push_back(lease.take_value());
  }

  static ReuseSettings settings(InstanceMode mode, uint32_t uses = 128, uint32_t concurrent = 16) {
    return {mode, {uses, uses}, {concurrent, concurrent}, {1h, 1h}};
  }

  io::EventLoop loop;
  wasi::SeededRandom random{7};
  Counts counts;
  std::optional<InstancePools> made;
  std::vector<InstanceLease> held;
  std::vector<std::string> notes;
};

TEST_F(InstancePoolTest, UsesAnInstanceAsOftenAsItsModeSays) {
  InstancePools& all = pools();
  InstancePool& fresh = all.add(settings(InstanceMode::Fresh));
  InstancePool& serial = all.add(settings(InstanceMode::Serial, 3));
  EXPECT_EQ(use(fresh), 1);
  EXPECT_EQ(use(fresh), 2);
  EXPECT_EQ(all.instances(), 0u);
  std::vector<int> numbers;
  for (int request = 0; request < 7; ++request) numbers.push_back(use(serial));
  EXPECT_THAT(numbers, testing::ElementsAre(3, 3, 3, 4, 4, 4, 5));
  EXPECT_EQ(all.idle(), 1u);
  EXPECT_EQ(counts.alive, 1);
}

TEST_F(InstancePoolTest, KeepsSeatsForRequestsOfComponents) {
  InstancePools& all =
      pools({.instances_max = 4, .instances_reserved = 2, .requests_max = 2, .wait_max = 1h});
  InstancePool& clients = all.add(settings(InstanceMode::Fresh));
  InstancePool& components =
      all.add(settings(InstanceMode::Serial), InstancePool::Callers::Components);
  io::TaskGroup tasks(loop);
  // The third client waits, however many seats are free, and holds up no component.
  for (int request = 0; request < 3; ++request) tasks.spawn(queue(clients));
  loop.poll();
  EXPECT_EQ(held.size(), 2u);
  auto first = all.try_acquire(components);
  auto second = all.try_acquire(components);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(all.try_acquire(components));
  // What they leave idle is no seat for a client beyond its own.
  guest(*first);
  first.reset();
  loop.poll();
  EXPECT_EQ(all.idle(), 1u);
  EXPECT_EQ(held.size(), 2u);
  held.erase(held.begin());
  loop.poll();
  EXPECT_EQ(held.size(), 2u);
  held.clear();
  second.reset();
  loop.block_on(tasks.drained());
}

TEST_F(InstancePoolTest, SharesAnInstanceUpToItsLimit) {
  InstancePool& pool = pools().add(settings(InstanceMode::Concurrent, 128, 2));
  std::vector<int> numbers;
  for (int request = 0; request < 5; ++request) {
    held.push_back(*made->try_acquire(pool));
    numbers.push_back(guest(held.back()).number());
  }
  EXPECT_THAT(numbers, testing::ElementsAre(1, 1, 2, 2, 3));
  // The one with room that was used last comes first.
  held.erase(held.begin());
  EXPECT_EQ(use(pool), 1);
  held.clear();
  EXPECT_EQ(made->idle(), 3u);
}

TEST_F(InstancePoolTest, WhoComesWhileAnInstanceIsMadeWaitsForIt) {
  InstancePool& pool = pools().add(settings(InstanceMode::Concurrent));
  InstanceLease maker = *made->try_acquire(pool);
  InstanceLease other = *made->try_acquire(pool);
  EXPECT_TRUE(maker.try_make());
  EXPECT_FALSE(other.try_make());
  // The maker is canceled: somebody else has to.
  maker.release();
  loop.block_on(other.made());
  EXPECT_EQ(other.guest(), nullptr);
  EXPECT_EQ(guest(other).number(), 1);
}

TEST_F(InstancePoolTest, ReplacesWhatFailedOrIsNotClean) {
  InstancePool& pool = pools().add(settings(InstanceMode::Concurrent, 128, 2));
  InstanceLease one = *made->try_acquire(pool);
  guest(one).fail();
  // Nobody enters any more, and who is in it stays alone.
  EXPECT_EQ(use(pool), 2);
  EXPECT_EQ(counts.alive, 2);
  one.release();
  EXPECT_EQ(counts.alive, 1);

  InstancePool& serial = made->add(settings(InstanceMode::Serial));
  InstanceLease two = *made->try_acquire(serial);
  guest(two).leave_something();
  two.release();
  loop.poll();
  EXPECT_EQ(counts.alive, 1);

  // Where several are in it at once, what goes on in it may be anybody's.
  InstanceLease four = *made->try_acquire(pool);
  EXPECT_EQ(guest(four).number(), 2);
  guest(four).leave_something();
  four.release();
  EXPECT_EQ(counts.alive, 1);
  InstanceLease five = *made->try_acquire(pool);
  EXPECT_EQ(guest(five).number(), 2);
  five.retire();
  EXPECT_EQ(use(pool), 4);
  five.release();
  EXPECT_EQ(counts.alive, 1);
}

TEST_F(InstancePoolTest, AnIdleInstanceGoesAfterItsTimeAndNotBefore) {
  ReuseSettings reuse = settings(InstanceMode::Serial);
  reuse.idle = {20ms, 20ms};
  InstancePool& pool = pools().add(reuse);
  EXPECT_EQ(use(pool), 1);
  EXPECT_EQ(counts.alive, 1);
  InstanceLease busy = *made->try_acquire(pool);
  const auto until = io::Clock::now() + 50ms;
  loop.block_on(io::sleep_until(loop, until));
  EXPECT_EQ(counts.alive, 1);
  const auto began = io::Clock::now();
  busy.release();
  while (counts.alive > 0) loop.block_on(io::sleep_for(loop, 1ms));
  EXPECT_GE(io::Clock::now() - began, 20ms);
  EXPECT_EQ(made->instances(), 0u);
}

TEST_F(InstancePoolTest, AnIdleInstanceGivesItsPlaceToAnotherComponent) {
  InstancePools& all = pools({.instances_max = 2});
  InstancePool& serial = all.add(settings(InstanceMode::Serial));
  InstancePool& fresh = all.add(settings(InstanceMode::Fresh));
  EXPECT_EQ(use(serial), 1);
  held.push_back(*all.try_acquire(fresh));
  held.push_back(*all.try_acquire(fresh));
  EXPECT_EQ(counts.alive, 0);
  EXPECT_FALSE(all.try_acquire(serial));
}

TEST_F(InstancePoolTest, QueuesBeyondTheLimitAndRefusesBeyondTheQueue) {
  InstancePools& all = pools({.instances_max = 1, .waiting_max = 2, .wait_max = 10s});
  InstancePool& serial = all.add(settings(InstanceMode::Serial));
  InstancePool& fresh = all.add(settings(InstanceMode::Fresh));
  io::TaskGroup group(loop);
  held.push_back(*all.try_acquire(serial));
  guest(held.front());
  group.spawn(queue(fresh));
  group.spawn(queue(serial));
  group.spawn(queue(fresh));
  loop.poll();
  EXPECT_THAT(notes, testing::ElementsAre("too many requests are waiting"));
  EXPECT_EQ(all.waiting(), 2u);
  // The one that came first has the place, though another could use the instance.
  held.clear();
  loop.poll();
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held.front().guest(), nullptr);
  held.clear();
  loop.poll();
  EXPECT_THAT(notes, testing::ElementsAre(testing::_, "let in", "let in"));
  EXPECT_EQ(all.waiting(), 0u);
  held.clear();
}

TEST_F(InstancePoolTest, RequestsAreLimitedWhereInstancesAreNot) {
  InstancePools& all = pools({.requests_max = 2});
  InstancePool& pool = all.add(settings(InstanceMode::Concurrent));
  io::TaskGroup group(loop);
  held.push_back(*all.try_acquire(pool));
  held.push_back(*all.try_acquire(pool));
  group.spawn(queue(pool));
  loop.poll();
  EXPECT_EQ(all.waiting(), 1u);
  held.erase(held.begin());
  loop.poll();
  EXPECT_EQ(held.size(), 2u);
}

TEST_F(InstancePoolTest, WaitersDoNotEnterAnInstanceThatFailedWhileTheyWaited) {
  InstancePools& all = pools({.instances_max = 1});
  InstancePool& pool = all.add(settings(InstanceMode::Concurrent, 128, 2));
  io::TaskGroup group(loop);
  held.push_back(*all.try_acquire(pool));
  held.push_back(*all.try_acquire(pool));
  guest(held.front()).fail();
  group.spawn(queue(pool));
  loop.poll();
  held.pop_back();
  loop.poll();
  EXPECT_EQ(all.waiting(), 1u);
  held.clear();
  loop.poll();
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held.front().guest(), nullptr);
}

TEST_F(InstancePoolTest, AWaitEndsAtItsDeadline) {
  InstancePools& all = pools({.instances_max = 1, .wait_max = 20ms});
  InstancePool& pool = all.add(settings(InstanceMode::Fresh));
  held.push_back(*all.try_acquire(pool));
  io::TaskGroup group(loop);
  group.spawn(queue(pool));
  loop.block_on(group.drained());
  EXPECT_THAT(notes, testing::ElementsAre("waiting for a place took too long"));
  EXPECT_EQ(all.waiting(), 0u);
  EXPECT_EQ(all.running(), 1u);
}

TEST_F(InstancePoolTest, ClosingEndsWhatIsIdle) {
  InstancePool& pool = pools().add(settings(InstanceMode::Serial));
  InstanceLease busy = *made->try_acquire(pool);
  guest(busy);
  EXPECT_EQ(use(pool), 2);
  busy.release();
  EXPECT_EQ(made->idle(), 2u);
  loop.block_on(made->close());
  EXPECT_EQ(counts.alive, 0);
}

TEST_F(InstancePoolTest, AnInstanceThatWorksOnKeepsItsPlaceUntilItIsDone) {
  InstancePools& all = pools({.instances_max = 1});
  InstancePool& pool = all.add(settings(InstanceMode::Fresh));
  io::Event done(loop);
  InstanceLease one = *all.try_acquire(pool);
  guest(one).work_until(done);
  one.release();
  io::TaskGroup group(loop);
  group.spawn(queue(pool));
  loop.poll();
  EXPECT_EQ(counts.alive, 1);
  EXPECT_EQ(all.waiting(), 1u);
  done.set();
  loop.poll();
  EXPECT_EQ(counts.alive, 0);
  EXPECT_EQ(all.waiting(), 0u);
}

TEST_F(InstancePoolTest, ASerialInstanceIsUsedAgainOnceItIsDone) {
  InstancePool& pool = pools().add(settings(InstanceMode::Serial));
  io::Event done(loop);
  InstanceLease one = *made->try_acquire(pool);
  FakeGuest& first = guest(one);
  first.work_until(done);
  one.release();
  loop.poll();
  // Meanwhile others get another.
  EXPECT_EQ(use(pool), 2);
  first.work_until_done();
  done.set();
  loop.poll();
  EXPECT_EQ(use(pool), 1);
  EXPECT_EQ(counts.alive, 2);
}

TEST_F(InstancePoolTest, WorkingOnHasALimit) {
  InstancePools& all = pools({.work_on_max = 20ms});
  InstancePool& pool = all.add(settings(InstanceMode::Fresh));
  io::Event never(loop);
  InstanceLease one = *all.try_acquire(pool);
  guest(one).work_until(never);
  one.release();
  loop.poll();
  EXPECT_EQ(counts.alive, 1);
  while (counts.alive > 0) loop.block_on(io::sleep_for(loop, 1ms));
  EXPECT_EQ(all.instances(), 0u);
}

TEST_F(InstancePoolTest, WhatIsGivenUpIsNotWaitedFor) {
  InstancePools& all = pools();
  InstancePool& pool = all.add(settings(InstanceMode::Concurrent));
  io::Event never(loop);
  InstanceLease late = *all.try_acquire(pool);
  InstanceLease other = *all.try_acquire(pool);
  guest(late).work_until(never);
  late.give_up_guest();
  late.release();
  loop.poll();
  EXPECT_EQ(counts.alive, 1);
  other.release();
  loop.poll();
  EXPECT_EQ(counts.alive, 0);

  InstanceLease last = *all.try_acquire(pool);
  guest(last).work_until(never);
  last.retire();
  last.release();
  loop.poll();
  EXPECT_EQ(counts.alive, 1);
  loop.block_on(all.close());
  EXPECT_EQ(counts.alive, 0);
  EXPECT_EQ(counts.ended, 2);
}

TEST_F(InstancePoolTest, DrawsFromRangesForEachInstance) {
  ReuseSettings reuse = settings(InstanceMode::Serial);
  reuse.max_uses = {2, 4};
  InstancePool& pool = pools().add(reuse);
  std::vector<int> uses(40, 0);
  for (int request = 0; request < 60; ++request) ++uses[static_cast<size_t>(use(pool))];
  const int complete = counts.made - 1;
  for (int number = 1; number <= complete; ++number) {
    EXPECT_THAT(uses[static_cast<size_t>(number)], testing::AllOf(testing::Ge(2), testing::Le(4)));
  }
  EXPECT_THAT(uses, testing::Contains(2));
  EXPECT_THAT(uses, testing::Contains(4));
}

}  // namespace
}  // namespace spindle::runtime
