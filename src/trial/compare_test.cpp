#include "trial/compare.h"

#include <gmock/gmock.h>

#include "app/json.h"

namespace spindle::trial {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

app::Value json(std::string_view text) {
  return app::parse_json(text).value();
}

std::vector<std::string> compare(const MessageShape& shape, const std::string& body) {
  http::Headers headers;
  headers.add("x-kind", "fruit");
  return compare_message(shape, headers, body);
}

TEST(Compare, ShowsShortTextsBesideEachOther) {
  EXPECT_EQ(difference("body", "a", "a"), "");
  EXPECT_EQ(difference("body", "a\n", "b"), "body:\n  expected \"a\\n\"\n  got      \"b\"");
  EXPECT_EQ(difference("body", "", "\x01\xff"),
            "body:\n  expected \"\"\n  got      \"\\x01\\xff\"");
}

TEST(Compare, ShowsLongTextsLineByLineWithoutWhatIsTheSame) {
  std::string expected;
  for (int line = 0; line < 20; ++line) expected += "line " + std::to_string(line) + "\n";
  auto got = expected;
  got.replace(got.find("line 10\n"), 8, "changed\nadded\n");
  EXPECT_EQ(difference("body", expected, got),
            "body: - expected, + got\n  ...\n    line 7\n    line 8\n    line 9\n"
            "  - line 10\n  + changed\n  + added\n    line 11\n    line 12\n    line 13\n  ...");
}

TEST(Compare, IsBoundedForLargeTexts) {
  const std::string large(1 << 16, '\n');
  EXPECT_LT(difference("body", large, large + "x").size(), 20'000u);
}

TEST(Compare, JsonByItsValues) {
  EXPECT_EQ(difference("json", json(R"({"a": 1, "b": [null]})"), json(R"({"b":[null],"a":1.0})")),
            "");
  EXPECT_EQ(difference("json", json("[1, 2]"), json("[2, 1]")),
            "json:\n  expected [1,2]\n  got      [2,1]");
  const std::string long_name(80, 'n');
  EXPECT_EQ(difference("json", json("[\"" + long_name + "\", 1]"), json("[\"" + long_name + "\"]")),
            "json: - expected, + got\n    [\n  -   \"" + long_name + "\",\n  -   1\n  +   \"" +
                long_name + "\"\n    ]");
  EXPECT_EQ(difference("json", json("\"a\""), json("\"b\"")), difference("json", "a", "b"));
  EXPECT_NE(difference("json", json("1.5"), json("1")), "");
  EXPECT_NE(difference("json", json("1e300"), json("9007199254740992")), "");
}

TEST(Compare, NamesWhatOfAMessageDiffers) {
  EXPECT_THAT(compare({.headers = {{"X-Kind", "fruit"}}, .body = "a"}, "a"), IsEmpty());
  EXPECT_THAT(compare({.headers = {{"x-none", "1"}}}, ""),
              ElementsAre("header x-none: expected \"1\", it is missing"));
  EXPECT_THAT(compare({.headers = {{"x-kind", "nut"}}}, ""),
              ElementsAre("header x-kind:\n  expected \"nut\"\n  got      \"fruit\""));
  EXPECT_THAT(compare({.body_contains = {"b", "c"}}, "abba"),
              ElementsAre("body: expected to contain \"c\"\n  got \"abba\""));
  EXPECT_EQ(compare({.json = json("1")}, "<html>").size(), 1u);
}

}  // namespace
}  // namespace spindle::trial
