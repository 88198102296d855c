#include "trigger/http/routes_config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/json.h"

namespace spindle::trigger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

// Configurations of triggers as JSON, in order; their ids are t0, t1, ...
app::LockedApp app_with(const std::vector<std::string>& configs) {
  app::LockedApp app;
  for (const std::string& config : configs) {
    app::LockedTrigger trigger;
    trigger.id = fmt::format("t{}", app.triggers.size());
    trigger.type = "http";
    trigger.config = app::parse_json(config).value();
    if (const auto* component = trigger.config.as_table()->find("component")) {
      trigger.component = *component->as_string();
    }
    app.triggers.push_back(std::move(trigger));
  }
  return app;
}

std::string failure(const std::string& config) {
  const auto routes = read_http_routes(app_with({config}));
  return routes ? "none" : routes.error().to_string();
}

TEST(HttpRoutes, GiveEachTriggerItsTarget) {
  const auto routes = read_http_routes(
      app_with({R"({"route": "/a/...", "component": "a"})", R"({"route": "/b", "component": "b",
          "executor": {"type": "spin"}})",
                R"({"route": {"private": true}, "component": "c"})",
                R"({"route": "/s", "static_response": {"status_code": 404, "body": "no",
          "headers": {"x-a": "1", "x-b": "2"}}})"}));
  ASSERT_TRUE(routes.has_value()) << routes.error().to_string();
  ASSERT_EQ(routes->targets.size(), 4U);
  EXPECT_EQ(routes->table.match("/a/x")->target, 0U);
  EXPECT_EQ(routes->table.match("/b")->target, 1U);
  EXPECT_EQ(routes->targets[2].component, "c");
  EXPECT_EQ(routes->table.entries().size(), 3U) << "a private route is in no table";
  const HttpTarget& fixed = routes->targets[routes->table.match("/s")->target];
  EXPECT_EQ(fixed.component, "");
  EXPECT_EQ(fixed.static_response->status, 404);
  EXPECT_EQ(fixed.static_response->body, "no");
  EXPECT_THAT(fixed.static_response->headers, ElementsAre(Pair("x-a", "1"), Pair("x-b", "2")));
  EXPECT_THAT(routes->warnings, IsEmpty());
}

TEST(HttpRoutes, KnowCommands) {
  const auto routes = read_http_routes(app_with(
      {R"({"route": "/a", "component": "a", "executor": {"type": "wagi"}})",
       R"({"route": "/b", "component": "a", "executor": {"type": "wagi", "argv": "b ${ARGS}",
          "entrypoint": "_start"}})",
       R"({"route": "/c", "component": "a", "executor": {"type": "http"}})"}));
  ASSERT_TRUE(routes.has_value()) << routes.error().to_string();
  EXPECT_EQ(routes->targets[0].wagi->arguments, "${SCRIPT_NAME} ${ARGS}");
  EXPECT_EQ(routes->targets[1].wagi->arguments, "b ${ARGS}");
  EXPECT_FALSE(routes->targets[2].wagi);
  EXPECT_THAT(routes->warnings, ElementsAre(HasSubstr("\"wagi\" is deprecated")));
}

TEST(HttpRoutes, KnowFilesThatTheHostServes) {
  const auto routes = read_http_routes(
      app_with({R"({"route": "/a", "component": "a", "executor": {"type": "static-files"}})",
                R"({"route": "/b", "component": "a", "executor": {"type": "static-files",
          "fallback": "index.html", "not_found": "", "cache_control": "max-age=60"}})"}));
  ASSERT_TRUE(routes.has_value()) << routes.error().to_string();
  EXPECT_FALSE(routes->targets[0].files->fallback);
  EXPECT_EQ(routes->targets[1].files->fallback, "index.html");
  EXPECT_EQ(routes->targets[1].files->not_found, "");
  EXPECT_EQ(routes->targets[1].files->cache_control, "max-age=60");
  EXPECT_THAT(routes->warnings, IsEmpty());
}

TEST(HttpRoutes, SayWhatIsWrongWithATrigger) {
  struct Case {
    std::string config;
    std::string_view error;
  };
  auto with = [](std::string_view more) {
    return fmt::format(R"({{"route": "/", "component": "a", {}}})", more);
  };
  auto fixed = [](std::string_view inner) {
    return fmt::format(R"({{"route": "/", "static_response": {}}})", inner);
  };
  const std::vector<Case> cases{
      {R"({"component": "a"})", "trigger `t0` has no route"},
      {R"({"route": "/"})", "needs either a component or a static_response"},
      {with(R"("static_response": {})"), "needs either a component or a static_response"},
      {with(R"("rout": "/")"), "unknown key `rout`"},
      {with(R"("executor": {"type": "wagi", "argv": 1})"),
       "executor has `argv`, expected the texts"},
      {with(R"("executor": {"type": "wagi", "arg": "x"})"), "executor has `arg`"},
      {with(R"("executor": {"type": "wagi", "entrypoint": "main"})"), "expected \"_start\""},
      {with(R"("executor": {"type": "http", "argv": "x"})"), "more than its type"},
      {with(R"("executor": {"type": "static-files", "index": "x"})"), "executor has `index`"},
      {with(R"("executor": {"type": "static-files", "fallback": true})"),
       "executor has `fallback`"},
      {with(R"("executor": {"type": "magic"})"), "executor type \"magic\""},
      {with(R"("executor": {})"), "executor needs a type"},
      {with(R"("executor": {"type": 1})"), "executor needs a type"},
      {with(R"("executor": "http")"), "executor needs a type"},
      {R"({"route": 5, "component": "a"})", "route is neither a text nor"},
      {R"({"route": {"private": false}, "component": "a"})", "route is neither a text nor"},
      {R"({"route": {"private": true, "x": 1}, "component": "a"})", "route is neither a text nor"},
      {R"({"route": {}, "component": "a"})", "route is neither a text nor"},
      {R"({"route": null, "component": "a"})", "route is neither a text nor"},
      {R"({"route": "/a/.../b", "component": "a"})", "..."},
      {fixed("\"text\""), "static_response is not a table"},
      {fixed(R"({"status_code": 199})"), "status_code is 199, expected 200 to 999"},
      {fixed(R"({"status_code": 1000})"), "status_code is 1000"},
      {fixed(R"({"status_code": -9223372036854775808})"), "expected 200 to 999"},
      {fixed(R"({"status_code": "200"})"), "static_response has `status_code`"},
      {fixed(R"({"body": 1})"), "static_response has `body`"},
      {fixed(R"({"color": "red"})"), "static_response has `color`"},
      {fixed(R"({"headers": {"a b": "x"}})"), "`a b` is not a header"},
      {fixed(R"({"headers": {"": "x"}})"), "`` is not a header"},
      {fixed(R"({"headers": {"a": "x\r\nset-cookie: y"}})"), "`a` is not a header"},
      {fixed(R"({"headers": {"a": 1}})"), "`a` is not a header with a text"},
      {fixed(R"({"headers": ["a"]})"), "static_response has `headers`"},
  };
  for (const Case& item : cases)
    EXPECT_THAT(failure(item.config), HasSubstr(item.error)) << item.config;
}

TEST(HttpRoutes, LeaveTriggersOfOtherTypesAlone) {
  app::LockedApp app = app_with({R"({"anything": ["goes"]})"});
  app.triggers[0].type = "redis";
  const auto routes = read_http_routes(app);
  ASSERT_TRUE(routes.has_value());
  EXPECT_THAT(routes->targets, IsEmpty());
}

TEST(HttpRoutes, WarnAboutRoutesThatAreNeverServed) {
  const auto routes = read_http_routes(app_with(
      {R"({"route": "/same", "component": "a"})", R"({"route": "/same", "component": "b"})",
       R"({"route": "/.well-known/spin/x", "component": "c"})"}));
  ASSERT_TRUE(routes.has_value());
  EXPECT_THAT(routes->warnings,
              ElementsAre(HasSubstr("/.well-known/spin/x of trigger `t2` is reserved"),
                          HasSubstr("trigger `t0` is replaced by a later one with route /same")));
  EXPECT_EQ(routes->table.match("/same")->target, 1U);
}

TEST(HttpRoutes, CheckTheSettingsOfTheApplication) {
  struct Case {
    std::string_view settings;
    std::string_view error;
  };
  for (const Case& item : {Case{R"({"http": {"base": "/"}})", ""}, Case{R"({"http": {}})", ""},
                           Case{R"({"http": {"base": "/api"}})", "only \"/\" is possible"},
                           Case{R"({"http": {"base": 1}})", "only \"/\" is possible"},
                           Case{R"({"http": {"port": "/"}})", "unknown key `port`"}}) {
    app::LockedApp app;
    app.trigger_settings = *app::parse_json(item.settings).value().as_table();
    const auto routes = read_http_routes(app);
    EXPECT_EQ(routes.has_value(), item.error.empty()) << item.settings;
    if (!routes) EXPECT_THAT(routes.error().to_string(), HasSubstr(item.error));
  }
}

}  // namespace
}  // namespace spindle::trigger
