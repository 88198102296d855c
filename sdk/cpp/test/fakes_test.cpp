// The fakes themselves, called as a handler calls the host.

#include <gtest/gtest.h>
#include <spindle/http_task.h>
#include <spindle/key_value.h>
#include <spindle/test.h>
#include <spindle/variables.h>

namespace spindle {
namespace {

using test::App;

const Error kDown{ErrorKind::Unavailable, "down"};

TEST(Fakes, KeepKeyValueStoresOfTheManifest) {
  App app;
  app.stores["tea"]["green"] = "sencha";
  const auto store = KeyValue::open("tea");
  ASSERT_TRUE(store.has_value());
  EXPECT_EQ(store->get("green"), "sencha");
  EXPECT_EQ(store->get("red"), std::nullopt);
  ASSERT_TRUE(store->set("red", "earl grey"));
  EXPECT_EQ(store->keys(), (std::vector<std::string>{"green", "red"}));
  ASSERT_TRUE(store->remove("green"));
  EXPECT_EQ(store->exists("green"), false);
  EXPECT_EQ(app.stores["tea"].size(), 1U);
  EXPECT_EQ(KeyValue::open("secret").error().kind, ErrorKind::Denied);
}

TEST(Fakes, AnswerWithVariables) {
  App app;
  app.variables["animal"] = "cat";
  EXPECT_EQ(variable("animal"), "cat");
  EXPECT_EQ(variable("plant").error().kind, ErrorKind::NotFound);
}

TEST(Fakes, RunSqliteItself) {
  const App app;
  const auto db = Sqlite::open();
  ASSERT_TRUE(db.has_value());
  ASSERT_TRUE(db->execute("CREATE TABLE t (a, b, c, d, e)"));
  const SqlRow row = {7, 1.5, "text", nullptr, Bytes{1, 0, 2}};
  ASSERT_TRUE(db->execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", row));
  ASSERT_TRUE(db->execute("INSERT INTO t (a, e) VALUES (?, ?)", {true, Bytes{}}));
  const auto found = db->execute("SELECT * FROM t ORDER BY a DESC");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->columns, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(found->rows, (std::vector<SqlRow>{row, {1, nullptr, nullptr, nullptr, Bytes{}}}));
  EXPECT_EQ(db->execute("SELECT plant").error().message, "no such column: plant");
  EXPECT_FALSE(db->execute("SELECT ?", {1, 2}).has_value());
  EXPECT_EQ(Sqlite::open("other").error().kind, ErrorKind::Denied);
}

TEST(Fakes, ForgetOneTestInTheNext) {
  {
    const App app;
    ASSERT_TRUE(Sqlite::open()->execute("CREATE TABLE t (a)"));
    ASSERT_TRUE(KeyValue::open()->set("a", "b"));
  }
  const App app;
  EXPECT_FALSE(Sqlite::open()->execute("SELECT * FROM t").has_value());
  EXPECT_EQ(KeyValue::open()->get("a"), std::nullopt);
}

TEST(Fakes, PlaySqlServersByScript) {
  App app;
  app.postgres.on("SELECT", test::SqlAnswer{{{"name"}, {{"Ada"}}}, 0});
  app.postgres.on("UPDATE", test::SqlAnswer{{}, 3});
  app.postgres.on("cats", kDown);
  app.mysql.on("", [](const test::SqlCall& call) -> Result<test::SqlAnswer> {
    return test::SqlAnswer{{{"n"}, {{call.parameters.size()}}}, 0};
  });
  const auto postgres = Postgres::open("host=db");
  EXPECT_EQ(postgres->query("SELECT name FROM people WHERE age > $1", {3})->rows,
            std::vector<SqlRow>{{"Ada"}});
  EXPECT_EQ(postgres->execute("UPDATE people SET age = 1"), 3U);
  EXPECT_EQ(postgres->query("SELECT * FROM cats").error(), kDown);
  EXPECT_EQ(postgres->execute("DELETE FROM people").error().message,
            "no test has scripted the statement DELETE FROM people");
  EXPECT_EQ(MySql::open("mysql://db")->query("SELECT 1", {1, 2})->rows, std::vector<SqlRow>{{2}});
  EXPECT_TRUE(MySql::open("mysql://db")->execute("DELETE FROM t"));
  ASSERT_EQ(app.postgres.calls().size(), 4U);
  EXPECT_EQ(app.postgres.calls()[0].address, "host=db");
  EXPECT_EQ(app.postgres.calls()[0].parameters, SqlRow{3});
}

TEST(Fakes, KeepRedis) {
  App app;
  const std::string address = "redis://db:6379";
  app.redis[address].on_command = [](std::string_view command, const auto& arguments) {
    return std::vector<RedisReply>{{RedisReply::Status{std::string(command)}},
                                   {static_cast<int64_t>(arguments.size())}};
  };
  const auto redis = Redis::open(address);
  ASSERT_TRUE(redis->set("tea", "green"));
  EXPECT_EQ(redis->get("tea"), "green");
  EXPECT_EQ(redis->get("none"), std::nullopt);
  EXPECT_EQ(redis->increment("n"), 1);
  EXPECT_EQ(redis->increment("n"), 2);
  EXPECT_FALSE(redis->increment("tea").has_value());
  EXPECT_EQ(redis->add_members("s", {"x", "y", "x"}), 2U);
  EXPECT_EQ(redis->members("s"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(redis->remove_members("s", {"x", "z"}), 1U);
  EXPECT_EQ(redis->remove({"tea", "n", "s", "none"}), 3U);
  EXPECT_EQ(redis->execute("PING", {int64_t{1}, "two"})->at(1).value, RedisReply{2}.value);
  ASSERT_TRUE(redis->publish("news", "a cat"));
  ASSERT_EQ(app.published.size(), 1U);
  EXPECT_EQ(app.published[0].channel + ": " + app.published[0].payload, "news: a cat");
  EXPECT_FALSE(Redis::open("redis://other")->execute("PING", {}).has_value());
  EXPECT_EQ(Redis::open("http://db").error().kind, ErrorKind::Invalid);
}

TEST(Fakes, TakeMqttAndPlayModels) {
  App app;
  const auto mqtt = Mqtt::open("mqtt://broker", {"user", "password"});
  ASSERT_TRUE(mqtt->publish("cats", "meow", Mqtt::Quality::ExactlyOnce));
  ASSERT_EQ(app.mqtt.size(), 1U);
  EXPECT_EQ(app.mqtt[0].quality, Mqtt::Quality::ExactlyOnce);
  EXPECT_EQ(infer("llama", "tea?").error().kind, ErrorKind::NotFound);
  EXPECT_FALSE(embed("llama", {"tea"}).has_value());
  app.on_infer = [](std::string_view, std::string_view prompt, const InferenceOptions& options) {
    return Inference{std::string(prompt), options.max_tokens, 2};
  };
  app.on_embed = [](std::string_view, const auto& texts) {
    return std::vector<std::vector<float>>(texts.size(), {1.0F});
  };
  EXPECT_EQ(infer("llama", "tea?")->text, "tea?");
  EXPECT_EQ(embed("llama", {"a", "b"})->size(), 2U);
}

TEST(Fakes, AnswerOutboundRequestsByScript) {
  App app;
  app.on("GET", "http://a.example/", http::Response(200, "old"));
  app.on("GET", "http://a.example/", http::Response(200, "new"));
  app.on("POST", "http://a.example/", [](const test::SentRequest& sent) -> Result<http::Response> {
    return http::Response(201, sent.body + std::string(*sent.headers.get("content-type")));
  });
  app.on("GET", "http://down.example/", kDown);
  app.allows = [](std::string_view url) { return url.find("denied") == std::string_view::npos; };
  EXPECT_EQ(http::get("http://a.example/")->content(), "new");
  EXPECT_EQ(http::post("http://a.example/", "x", "text/plain")->content(), "xtext/plain");
  EXPECT_EQ(http::get("http://down.example/").error(), kDown);
  EXPECT_EQ(http::get("http://denied.example/").error().kind, ErrorKind::Denied);
  EXPECT_EQ(http::get("nonsense").error().kind, ErrorKind::Invalid);
  EXPECT_EQ(http::get("http://b.example/").error().message,
            "no test has scripted GET http://b.example/");
  EXPECT_EQ(app.requests.size(), 4U);
  EXPECT_EQ(Redis::open("redis://denied").error().kind, ErrorKind::Invalid);
}

TEST(FakesDeathTest, SayHowTheyAreMisused) {
  EXPECT_DEATH((void)variable("x"), "no App was alive");
  EXPECT_DEATH(
      {
        const App one;
        const App other;
      },
      "two Apps at once");
  EXPECT_DEATH(
      {
        App app;
        app.get("/");
      },
      "no SPINDLE_HTTP");
  EXPECT_DEATH(
      {
        App app;
        (void)app.publish("x");
      },
      "no SPINDLE_REDIS");
}

}  // namespace
}  // namespace spindle
