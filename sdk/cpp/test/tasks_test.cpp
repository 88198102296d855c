// A program of coroutines, natively, on a clock that does not wait.

#include <gtest/gtest.h>
#include <spindle/test.h>

namespace spindle {
namespace {

using namespace std::chrono_literals;
using test::App;

TEST(Tasks, RunAtOnce) {
  App app;
  EXPECT_EQ(app.get("/task/timers").body, "2101234");
  EXPECT_EQ(app.elapsed(), 25ms);
}

TEST(Tasks, AreForgottenWhenTheyAreDropped) {
  App app;
  EXPECT_EQ(app.get("/task/dropped").body, "dropped");
  EXPECT_EQ(app.elapsed(), 0s);
}

TEST(Tasks, MayWaitAnHourInNoTime) {
  App app;
  EXPECT_EQ(app.get("/task/forever").status, 204);
  EXPECT_EQ(app.elapsed(), 1h);
}

TEST(Tasks, FetchAtOnce) {
  App app;
  app.on("GET", "http://tea.example/", http::Response(200, "tea"), 200ms);
  app.on(
      "POST", "http://tea.example/",
      [](const test::SentRequest& sent) { return http::Response(201, sent.body); }, 300ms);
  EXPECT_EQ(app.get("/task/fetch?url=http://tea.example/").body, "200tea201body");
  EXPECT_EQ(app.elapsed(), 300ms);
  app.allows = [](std::string_view) { return false; };
  EXPECT_TRUE(app.get("/task/fetch?url=http://tea.example/").body.starts_with("denied: "));
}

TEST(Tasks, StreamUntilTheClientIsGone) {
  App app;
  EXPECT_EQ(app.get("/task/ticks?count=3").pieces,
            (std::vector<std::string>{"tick 0\n", "tick 1\n", "tick 2\n"}));
  EXPECT_EQ(app.elapsed(), 3ms);
  EXPECT_EQ(app.send({"GET", "/task/ticks?count=3"}, {.pieces_max = 1}).body, "tick 0\n");
  EXPECT_EQ(app.elapsed(), 4ms);
}

TEST(Tasks, GetTheWholeRequest) {
  App app;
  http::Request request("POST", "/task/echo", "some body");
  request.headers().append("x-kind", "cat");
  const auto answer = app.send(std::move(request));
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "some body");
  EXPECT_EQ(answer.header("X-Kind"), "cat");
  EXPECT_EQ(answer.header("x-method"), "POST");
  EXPECT_EQ(answer.header("x-other"), "");
  EXPECT_EQ(app.get("/task/plain").body, "all at once");
}

}  // namespace
}  // namespace spindle
