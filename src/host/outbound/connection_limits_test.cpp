#include "host/outbound/connection_limits.h"

#include <gtest/gtest.h>

#include "io/task.h"

namespace spindle::host {
namespace {

using enum ConnectionKind;
using Held = std::optional<Result<ConnectionLimits::Permit>>;

io::Task<void> hold(ConnectionLimits& limits, ConnectionKind kind, io::EventLoop& loop,
                    Held& held) {
  auto taking = limits.take(kind, loop);
  held.emplace(co_await std::move(taking));
}

std::shared_ptr<ConnectionLimits> limits_of(const app::OutboundConfig& config) {
  return std::make_shared<ConnectionLimits>(config);
}

TEST(ConnectionLimits, LimitNothingThatNobodyNames) {
  const auto limits = limits_of({});
  for (const auto kind : {Http, Redis, Postgres, Mysql, Mqtt, Socket}) {
    EXPECT_FALSE(limits->counts(kind));
    EXPECT_TRUE(limits->try_take(kind));
    EXPECT_EQ(limits->find(kind), nullptr);
  }
  EXPECT_EQ(limits->find_total(), nullptr);
}

TEST(ConnectionLimits, EveryKindHasItsOwnAndAllShareTheTotal) {
  struct Case {
    ConnectionKind kind;
    std::optional<uint64_t> app::OutboundConfig::* count;
  };
  for (const auto& [kind, count] : {Case{Http, &app::OutboundConfig::http_connections},
                                    Case{Redis, &app::OutboundConfig::redis_connections},
                                    Case{Postgres, &app::OutboundConfig::postgres_connections},
                                    Case{Mysql, &app::OutboundConfig::mysql_connections},
                                    Case{Mqtt, &app::OutboundConfig::mqtt_connections}}) {
    app::OutboundConfig config{.total_connections = 2};
    config.*count = 1;
    const auto limits = limits_of(config);
    const auto other = kind == Redis ? Mysql : Redis;
    auto one = limits->try_take(kind);
    EXPECT_TRUE(one);
    EXPECT_FALSE(limits->try_take(kind));
    auto two = limits->try_take(other);
    EXPECT_TRUE(two) << "what was refused took nothing of the total";
    EXPECT_FALSE(limits->try_take(Socket)) << "the total";
    one.reset();
    EXPECT_TRUE(limits->try_take(Socket));
  }
}

TEST(ConnectionLimits, ZeroAllowsNoneAndNobodyWaitsForIt) {
  io::EventLoop loop;
  for (const auto& config :
       {app::OutboundConfig{.redis_connections = 0}, app::OutboundConfig{.total_connections = 0}}) {
    const auto limits = limits_of(config);
    auto taken = loop.block_on(limits->take(Redis, loop));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind(), ErrorKind::LimitExceeded);
  }
}

struct Keeper final : ConnectionKeeper {
  explicit Keeper(ConnectionLimits& of) : limits(of) { limits.add(*this); }
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  ~Keeper() { limits.remove(*this); }
  void let_go() override {
    was_contended = limits.is_contended(Redis);
    kept.reset();
  }

  ConnectionLimits& limits;
  std::optional<ConnectionLimits::Permit> kept;
  bool was_contended = false;
};

TEST(ConnectionLimits, KeepersLetGoWhenSomebodyWaits) {
  io::EventLoop loop;
  io::TaskGroup tasks(loop);
  const auto limits = limits_of({.total_connections = 2});
  Keeper keeper(*limits);
  keeper.kept = limits->try_take(Postgres);
  Held first, second;
  tasks.spawn(hold(*limits, Redis, loop, first));
  loop.poll();
  EXPECT_TRUE(first && keeper.kept) << "there is room for both";
  tasks.spawn(hold(*limits, Redis, loop, second));
  loop.poll();
  EXPECT_TRUE(second && *second && !keeper.kept);
  EXPECT_TRUE(keeper.was_contended) << "nothing is given back to a keeper meanwhile";
  EXPECT_FALSE(limits->is_contended(Redis));
}

TEST(ConnectionLimits, ThoseWhoLeaveTakeNothingWithThem) {
  io::EventLoop loop;
  const auto limits = limits_of({.redis_connections = 1, .total_connections = 1});
  auto total = limits->try_take(Mqtt);
  Held held;
  io::TaskGroup tasks(loop);
  tasks.spawn(hold(*limits, Redis, loop, held));
  loop.poll();
  EXPECT_FALSE(held);
  tasks.cancel();
  loop.block_on(tasks.drained());
  total.reset();
  EXPECT_TRUE(limits->try_take(Redis)) << "its own permit is back too";
}

}  // namespace
}  // namespace spindle::host
