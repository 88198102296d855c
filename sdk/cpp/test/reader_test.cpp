// A program that reads bodies piece by piece, natively.

#include <gtest/gtest.h>
#include <spindle/test.h>

namespace spindle {
namespace {

using test::App;
using Pieces = std::vector<std::string>;

TEST(Reader, AnswersWhileItReads) {
  App app;
  const test::Client client{.more = {"two", "three"}};
  EXPECT_EQ(app.send({"POST", "/reader/echo", "one"}, client).pieces,
            (Pieces{"one", "two", "three"}));
  EXPECT_EQ(app.send({"POST", "/reader/count", "one"}, client).body, "11");
  EXPECT_EQ(app.get("/reader/echo").pieces, Pieces());
  EXPECT_EQ(app.post("/reader/other", "unread").body, "nothing was read");
}

TEST(Reader, LearnsThatTheClientIsGone) {
  App app;
  const test::Client breaking{.more = {"two"}, .breaks_off = true};
  const auto answer = app.send({"POST", "/reader/count", "one"}, breaking);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, "the body broke off");
  const test::Client leaving{.pieces_max = 1, .more = {"two"}};
  EXPECT_EQ(app.send({"POST", "/reader/echo", "one"}, leaving).pieces, Pieces{"one"});
}

TEST(Reader, PassesOnWhatOthersAnswer) {
  App app;
  app.on("GET", "http://tea.example/", http::Response(203, "tea"));
  const auto answer = app.get("/reader/relay?url=http://tea.example/");
  EXPECT_EQ(answer.status, 203);
  EXPECT_EQ(answer.body, "tea");
  EXPECT_EQ(app.get("/reader/relay?url=http://other.example/").status, 502);
}

}  // namespace
}  // namespace spindle
