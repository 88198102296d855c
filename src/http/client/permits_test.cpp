// Connections that the whole process shares.

#include <gtest/gtest.h>

#include "http/client/client.h"
#include "http/client/test_upstream.h"

namespace spindle::http {
namespace {

using namespace std::chrono_literals;

const Script kAnswers{
    .answers = std::vector<std::string>(10, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")};

ClientLimits limited(io::Permits& own, io::Permits* total = nullptr) {
  ClientLimits limits;
  limits.permits = {&own, total};
  limits.sweep = 10ms;
  return limits;
}

struct World {
  ~World() {
    upstream.close();
    loop.poll();
  }
  io::EventLoop loop;
  Upstream upstream{loop, {kAnswers}};
};

TEST(ClientPermits, WithoutOneTheLimitIsReached) {
  World world;
  io::Permits none(0);
  io::Permits some(1);
  for (const auto& limits : {limited(none), limited(some, &none)}) {
    Client client(world.loop, world.upstream, limits);
    Sent sent;
    sent.timeouts.connect = 20ms;
    const auto seen = world.loop.block_on(exchange(client, sent));
    EXPECT_EQ(seen.failure, FailureCode::ConnectionLimitReached);
    EXPECT_EQ(client.counters().open, 0u);
  }
  // Whoever waited for the second has given back the first.
  EXPECT_TRUE(some.try_take());
  EXPECT_EQ(world.upstream.connections(), 0u);
}

TEST(ClientPermits, AnIdleConnectionGivesItsOwnAway) {
  World world;
  io::Permits permits(1);
  Client client(world.loop, world.upstream, limited(permits));
  EXPECT_EQ(world.loop.block_on(exchange(client, {}, test_origin("one"))).body, "ok");
  EXPECT_EQ(client.counters().idle, 1u);
  EXPECT_FALSE(permits.try_take());
  EXPECT_EQ(world.loop.block_on(exchange(client, {}, test_origin("two"))).body, "ok");
  EXPECT_EQ(world.upstream.connections(), 2u);
  client.close_idle();
  EXPECT_TRUE(permits.try_take());
}

TEST(ClientPermits, IdleConnectionsOfOthersGiveTheirsAway) {
  World world;
  io::Permits permits(1);
  Client first(world.loop, world.upstream, limited(permits));
  Client second(world.loop, world.upstream, limited(permits));
  EXPECT_EQ(world.loop.block_on(exchange(first, {})).body, "ok");
  EXPECT_EQ(world.loop.block_on(exchange(second, {})).body, "ok");
  EXPECT_EQ(first.counters().idle, 0u);
  second.close_idle();
}

}  // namespace
}  // namespace spindle::http
