#include "trial/transcript.h"

#include <gmock/gmock.h>

namespace spindle::trial {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr const char* kPath = "tests/cart.toml";

Result<Transcript> read(const std::string& text) {
  const app::MapFiles files({{kPath, text}, {"tests/schema.sql", "CREATE TABLE a (b);"}});
  return read_transcript(kPath, files);
}

// One test with one step that holds `lines`.
std::string step(const std::string& lines) {
  return "[[test]]\nname = \"t\"\n[[test.step]]\n" + lines + "\n";
}

TEST(Transcript, HasTestsWithStepsInTheirOrder) {
  const auto transcript = read(R"(
[[test]]
name = "first"
[[test.step]]
request = "POST /cart?id=7"
headers = { x-kind = "fruit" }
json = { b = 1, a = [true, "x"] }
expect = { status = 201, json = '{"a": null}', headers = { x-id = "7" } }
[[test.step]]
advance = "90s"
[[test.step]]
advance = "2h"
[[test]]
name = "second"
[[test.step]]
publish = "news"
body = "pear"
expect = { fails = true, published = [{ channel = "c", body = "b" }] }
)");
  ASSERT_TRUE(transcript) << transcript.error().to_string();
  ASSERT_EQ(transcript->trials.size(), 2u);
  const auto& steps = transcript->trials[0].steps;
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].action, Step::Action::Request);
  EXPECT_EQ(steps[0].title, "POST /cart?id=7");
  EXPECT_EQ(steps[0].body, R"({"b":1,"a":[true,"x"]})");
  EXPECT_THAT(steps[0].headers,
              ElementsAre(Pair("x-kind", "fruit"), Pair("content-type", "application/json")));
  EXPECT_EQ(steps[0].expect.status, 201);
  EXPECT_TRUE(steps[0].expect.shape.json->as_table()->find("a")->is_null());
  EXPECT_EQ(steps[1].time, std::chrono::seconds(90));
  EXPECT_EQ(steps[2].time, std::chrono::hours(2));
  const auto& message = transcript->trials[1].steps[0];
  EXPECT_EQ(message.channel, "news");
  EXPECT_TRUE(message.expect.fails);
  EXPECT_THAT(*message.expect.published, ElementsAre(RedisMessage{"c", "b"}));
}

TEST(Transcript, GivesEachTestWhatTheFileSaysForAll) {
  const auto transcript = read(R"(
variables = { a = "file", b = "file" }
clock = 2026-11-22T10:00:00Z
key-value.default = { x = "1", n = 258 }
sqlite = { default = "@schema.sql" }
[[outbound]]
request = "GET https://api.example.com/*"
answer.body = "all"
[[test]]
name = "t"
variables = { b = "test" }
redis = { set = ["b", "a"], hash = { f = "v" } }
[[test.outbound]]
request = "GET https://API.example.com:443/one"
fails = "dns-error"
[[test.step]]
request = "GET /"
)");
  ASSERT_TRUE(transcript) << transcript.error().to_string();
  const auto& setup = transcript->trials[0].setup;
  EXPECT_THAT(setup.variables, ElementsAre(Pair("a", "file"), Pair("b", "test")));
  EXPECT_EQ(setup.clock->seconds, 1'795'341'600);
  EXPECT_EQ(setup.key_value.at("default").at("n"), std::string("\x02\x01\0\0\0\0\0\0", 8));
  EXPECT_THAT(setup.sqlite, ElementsAre(Pair("default", "CREATE TABLE a (b);\n")));
  EXPECT_EQ(setup.redis.at("set"), RedisValue(std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(setup.outbound.size(), 2u);
  EXPECT_EQ(setup.outbound[0].to_string(), "GET https://api.example.com/one");
  EXPECT_EQ(setup.outbound[0].answer.failure, http::FailureCode::DnsError);
  EXPECT_TRUE(setup.outbound[1].is_prefix);
  EXPECT_FALSE(setup.outbound[1].times);
}

TEST(Transcript, RefusesWhatItDoesNotKnowAndPointsAtIt) {
  const struct {
    std::string text;
    const char* message;
  } kCases[] = {
      {"", "no tests in this file"},
      {"tset = 1\n[[test]]\nname = \"t\"\n", "unknown key `tset`"},
      {"[[test]]\nname = \"t\"\n", "the test `t` has no steps"},
      {"[[test]]\n[[test.step]]\nrequest = \"GET /\"\n", "name"},
      {step("request = \"/cart\""), "`request` is a method and a path"},
      {step("request = \"GET cart\""), "begins with `/`"},
      {step("request = 3"), "`request` is a method and a path"},
      {step("request = \"GET /\"\npublish = \"c\""), "a step does one thing"},
      {step("request = \"GET /\"\nbody = \"a\"\njson = 1"), "`body` or `json`, not both"},
      {step("request = \"GET /\"\njson = \"{\""), "JSON"},
      {step("request = \"GET /\"\nheaders = { \"a b\" = \"c\" }"), "`a b` is no header"},
      {step("request = \"GET /\"\nexpect.status = 20"), "a status is a number from 200 to 999"},
      {step("request = \"GET /\"\nexpect.statsu = 200"), "did you mean `status`"},
      {step("request = \"GET /\"\nexpect.key-value.a = { b = true }"), "texts, or counters"},
      {step("request = \"GET /\"\nexpect.sqlite.a = { query = \"q\", rows = [1] }"),
       "an array of rows"},
      {step("advance = \"soon\""), "`advance` is a duration"},
      {step("advance = \"99999999999999d\""), "`advance` is a duration"},
      {step("advance = \"1s\"\nexpect.status = 200"), "unknown key `status`"},
      {step("[[test.step.outbound]]\nrequest = \"GET /x\"\nanswer = {}"), "a method and a URL"},
      {step("[[test.step.outbound]]\nrequest = \"GET http://a/\""), "`answer`, or `fails`"},
      {step("[[test.step.outbound]]\nrequest = \"GET http://a/\"\nfails = \"refused\""),
       "no failure of a request"},
      {"clock = \"today\"\n" + step("request = \"GET /\""), "`clock` is an instant"},
      {"sqlite.a = \"@none.sql\"\n" + step("request = \"GET /\""), "none.sql"},
  };
  for (const auto& [text, message] : kCases) {
    const auto transcript = read(text);
    ASSERT_FALSE(transcript) << text;
    EXPECT_THAT(transcript.error().to_string(), HasSubstr(message)) << text;
    EXPECT_THAT(transcript.error().to_string(), HasSubstr(kPath)) << text;
  }
}

TEST(Instant, IsOneOfUniversalTime) {
  EXPECT_EQ(parse_instant("1970-01-01T00:00:00Z")->seconds, 0);
  EXPECT_EQ(parse_instant("2000-02-29T23:59:59Z")->seconds, 951'868'799);
  for (const char* text :
       {"", "2026-11-22", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-22T24:00:00Z",
        "2026-11-22T10:00:00+", "20x6-11-22T10:00:00Z"}) {
    EXPECT_FALSE(parse_instant(text)) << text;
  }
}

}  // namespace
}  // namespace spindle::trial
