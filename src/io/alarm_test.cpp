#include "io/alarm.h"

#include <gtest/gtest.h>

#include "io/event.h"
#include "io/event_loop.h"

namespace spindle::io {
namespace {

using std::chrono::milliseconds;

Task<void> wait_until_set(Event& event) {
  co_await event.wait();
}

TEST(Alarm, CallsItsActionOnceAndNotEarly) {
  EventLoop loop;
  Event rung(loop);
  int calls = 0;
  auto instant = Clock::now() + milliseconds(3);
  Alarm alarm(loop, instant, [&] {
    ++calls;
    rung.set();
  });
  loop.block_on(wait_until_set(rung));
  EXPECT_GE(Clock::now(), instant);
  loop.run();
  EXPECT_EQ(calls, 1);
}

TEST(Alarm, IsSilentAfterItsEnd) {
  EventLoop loop;
  Event rung(loop);
  bool called = false;
  auto early = std::make_unique<Alarm>(loop, Clock::now(), [&] { called = true; });
  // Due at once, so its handler may be queued when it dies.
  loop.post([&] { early.reset(); });
  Alarm late(loop, Clock::now() + milliseconds(5), [&] { rung.set(); });
  early.reset();
  loop.block_on(wait_until_set(rung));
  EXPECT_FALSE(called);
}

TEST(Alarm, MayBeDestroyedByItsAction) {
  EventLoop loop;
  std::unique_ptr<Alarm> alarm;
  alarm = std::make_unique<Alarm>(loop, Clock::now(), [&] { alarm.reset(); });
  loop.run();
  EXPECT_EQ(alarm, nullptr);
}

}  // namespace
}  // namespace spindle::io
