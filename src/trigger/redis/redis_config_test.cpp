#include "trigger/redis/redis_config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/json.h"

namespace spindle::trigger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = RedisChannel::Kind;

// Configurations of triggers as JSON, in order; their ids are t0, t1, ... An empty address is none.
Result<std::vector<RedisServer>> read(const std::vector<std::string>& configs,
                                      const std::string& settings = "") {
  app::LockedApp app;
  app.variables = {
      {"host", {}, "redis.example", false}, {"needed", {}, {}, false}, {"off", {}, "", false}};
  if (!settings.empty()) {
    app.trigger_settings.set("redis", app::parse_json(settings).value());
  }
  for (const std::string& config : configs) {
    app::LockedTrigger trigger;
    trigger.id = fmt::format("t{}", app.triggers.size());
    trigger.type = "redis";
    trigger.config = app::parse_json(config).value();
    if (const auto* component = trigger.config.as_table()->find("component")) {
      trigger.component = *component->as_string();
    }
    app.triggers.push_back(std::move(trigger));
  }
  app.triggers.push_back({.id = "web", .type = "http", .component = "w", .config = {}});
  const auto resolver = app::Resolver::create(app, {}).value();
  return read_redis_servers(app, resolver);
}

std::string failure(const std::string& config, const std::string& settings = "") {
  const auto servers = read({config}, settings);
  return servers ? "none" : servers.error().to_string();
}

constexpr std::string_view kSettings = R"({"address": "redis://{{ host }}"})";

TEST(RedisServers, GroupsByAddressAndChannel) {
  const auto servers =
      read({R"({"channel": "a", "component": "one"})", R"({"channel": "a", "component": "two"})",
            R"({"channel": "a", "component": "one"})",
            R"({"channel": "b", "component": "one", "address": "redis://redis.example:6379/4"})",
            R"({"channel": "a", "component": "one", "address": "redis://other:1"})",
            R"({"pattern": "a", "component": "three"})"},
           std::string(kSettings));
  ASSERT_TRUE(servers) << servers.error().to_string();
  ASSERT_EQ(servers->size(), 2U);
  const RedisServer& first = (*servers)[0];
  EXPECT_EQ(first.address.origin(), "redis://redis.example:6379");
  ASSERT_EQ(first.channels.size(), 3U);
  EXPECT_THAT(first.find(Kind::Channel, "a")->components, ElementsAre("one", "two"));
  EXPECT_THAT(first.find(Kind::Channel, "b")->components, ElementsAre("one"));
  EXPECT_THAT(first.find(Kind::Pattern, "a")->components, ElementsAre("three"));
  EXPECT_EQ(first.find(Kind::Pattern, "b"), nullptr);
  EXPECT_EQ((*servers)[1].address.authority(), "other:1");
}

TEST(RedisServers, ResolvesTemplatesOnce) {
  const auto servers = read({R"({"channel": "{{ host }}.x", "component": "c"})",
                             R"({"pattern": "{{ host }}.*", "component": "c"})"},
                            std::string(kSettings));
  ASSERT_TRUE(servers);
  EXPECT_NE((*servers)[0].find(Kind::Channel, "redis.example.x"), nullptr);
  EXPECT_NE((*servers)[0].find(Kind::Pattern, "redis.example.*"), nullptr);
}

TEST(RedisServers, WildcardsInAChannelMeanThemselves) {
  const auto servers = read({R"({"channel": "a*", "component": "c"})"}, std::string(kSettings));
  ASSERT_TRUE(servers);
  EXPECT_EQ((*servers)[0].channels[0].kind, Kind::Channel);
}

TEST(RedisServers, RefuseWhatTheyDoNotKnow) {
  struct Case {
    std::string config;
    std::string message;
  };
  const std::vector<Case> cases = {
      {R"({"channel": "a"})", "trigger `t0`: names no component"},
      {R"({"component": "c"})", "trigger `t0`: needs either a channel or a pattern"},
      {R"({"channel": "a", "pattern": "a", "component": "c"})", "either a channel or a pattern"},
      {R"({"channel": 1, "component": "c"})", "`channel` is not a text"},
      {R"({"channel": "a", "component": "c", "topic": "x"})",
       "has the unknown key `topic`, expected component, channel, pattern or address"},
      {R"({"channel": "a", "component": "c", "address": "localhost:6379"})", "not a Redis address"},
      {R"({"channel": "a", "component": "c", "address": ""})", "no Redis address is given"},
      {R"({"channel": "{{ unknown }}", "component": "c"})", "unknown"},
  };
  for (const auto& one : cases) {
    EXPECT_THAT(failure(one.config, std::string(kSettings)), HasSubstr(one.message)) << one.config;
  }
  EXPECT_THAT(failure(R"({"channel": "a", "component": "c"})"), HasSubstr("no Redis address"));
}

TEST(RedisServers, RefuseUnknownSettings) {
  const std::string config = R"({"channel": "a", "component": "c"})";
  EXPECT_THAT(failure(config, R"({"address": 1})"), HasSubstr("[application.trigger.redis]"));
  EXPECT_THAT(failure(config, R"({"address": "redis://h", "adress": "x"})"), HasSubstr("`adress`"));
  EXPECT_THAT(failure(config, R"({})"), HasSubstr("has no address"));
}

TEST(RedisServers, AreNoneWhereAVariableLeavesTheAddressEmpty) {
  const auto servers =
      read({R"({"channel": "a", "component": "c"})"}, R"({"address": "{{ off }}"})");
  ASSERT_TRUE(servers) << servers.error().to_string();
  EXPECT_TRUE(servers->empty());
}

TEST(RedisServers, AreNoneWithoutSuchTriggers) {
  EXPECT_TRUE(read({})->empty());
}

}  // namespace
}  // namespace spindle::trigger
