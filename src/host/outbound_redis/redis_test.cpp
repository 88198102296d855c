// Against a real server.
#include "host/outbound_redis/redis.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "host/test_network.h"
#include "host/test_server.h"
#include "redis/command.h"

namespace spindle::host {
namespace {

const testing::TestServer& server() {
  static const testing::TestServer kServer("redis");
  return kServer;
}

struct Fixture : testing::TestNetwork {
  explicit Fixture(const app::OutboundConfig& config = {}) : TestNetwork({"redis://*:*"}, config) {
    services.redis = &connections;
  }

  redis::Address address() {
    return *outbound.check(fmt::format("redis://127.0.0.1:{}", server().port()));
  }
  OutboundRedis::Outcome<RedisSession> open() {
    return loop.block_on(outbound.open(address())).value();
  }
  redis::Reply ask(RedisSession& session, const std::vector<std::string_view>& words) {
    return loop.block_on(io::Eventual<redis::Reply>::wait(session.ask(words))).value();
  }

  redis::Connections connections{loop, dialer};
  OutboundRedis outbound{services, permission};
};

TEST(OutboundRedis, KeepsAConnectionForTheNextUser) {
  Fixture f;
  ASSERT_TRUE(f.open());
  EXPECT_EQ(f.connections.idle(), 1U);
  ASSERT_TRUE(f.open());
  EXPECT_EQ(f.connections.idle(), 1U);
}

TEST(OutboundRedis, OpensNoMoreConnectionsThanTheOperatorAllows) {
  for (const auto& config :
       {app::OutboundConfig{.redis_connections = 1}, app::OutboundConfig{.total_connections = 1}}) {
    Fixture f(config);
    auto first = f.open();
    ASSERT_TRUE(first);
    bool has_room = false;
    auto armed = f.loop.deadlines().arm(std::chrono::milliseconds(50), [&] {
      has_room = true;
      first = std::unexpected(RedisFailure{});
    });
    auto second = f.open();
    ASSERT_TRUE(second && has_room);
    f.ask(*second, {"SET", "key", "value"});
    second = std::unexpected(RedisFailure{});
    EXPECT_EQ(f.connections.idle(), 0U) << "what is counted is not kept";
    const auto words = std::vector<std::string_view>{"GET", "key"};
    EXPECT_TRUE(f.loop.block_on(f.outbound.ask_once(f.address(), redis::encode_command(words))));
    EXPECT_TRUE(f.open()) << "which gave its place back";
  }
}

TEST(OutboundRedis, SaysThatThereAreTooMany) {
  Fixture f({.redis_connections = 0});
  const auto refused = f.open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, RedisFailure::Kind::TooManyConnections);
  EXPECT_EQ(f.outbound.open_count(), 0U);
}

}  // namespace
}  // namespace spindle::host
