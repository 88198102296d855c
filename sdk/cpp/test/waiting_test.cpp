// A program of coroutines that uses every capability, natively.

#include <gtest/gtest.h>
#include <spindle/test.h>

namespace spindle {
namespace {

using test::App;

TEST(Waiting, ReachesEveryFake) {
  App app;
  app.variables["animal"] = "cat";
  const std::string redis = "redis://db";
  app.redis[redis].on_command = [](std::string_view, const auto&) {
    return std::vector<RedisReply>{{"tea"}};
  };
  EXPECT_EQ(app.get("/waiting/store").body, "all right");
  EXPECT_EQ(app.get("/waiting/store?to=secret").body, "the component may not use this store");
  EXPECT_EQ(app.get("/waiting/sqlite").body, "all right");
  EXPECT_EQ(app.get("/waiting/redis?to=" + redis).body, "all right");
  EXPECT_EQ(app.get("/waiting/mqtt?to=mqtt://broker").body, "published");
  EXPECT_EQ(app.get("/waiting/mqtt?to=http://broker").status, 500);
  EXPECT_EQ(app.mqtt.at(0).address, "mqtt://broker");
}

TEST(Waiting, AsksServersOfSqlByScript) {
  App app;
  const test::SqlAnswer cat{{{}, {{1, "Ada", 4.5, nullptr, Bytes{1, 0, 255}}}}, 1};
  for (test::SqlScript* server : {&app.postgres, &app.mysql}) {
    server->on("", test::SqlAnswer{});
    server->on("FROM waiting", cat);
    server->on("DATE", test::SqlAnswer{{{"d"}, {{"today"}}}, 0});
    server->on("missing", Error{ErrorKind::Other, "no such table"});
  }
  EXPECT_EQ(app.get("/waiting/server/postgres?to=host=db").body, "all right; today");
  EXPECT_EQ(app.get("/waiting/server/mysql?to=mysql://db").body, "all right; today");
  EXPECT_EQ(app.postgres.calls().size(), 5U);
  EXPECT_EQ(app.get("/waiting/other").body, "");
  EXPECT_EQ(app.get("/waiting/other").status, 404);
  EXPECT_EQ(app.post("/waiting/store", "").header("allow"), "GET");
}

}  // namespace
}  // namespace spindle
