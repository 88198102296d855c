// A program that uses every capability, natively: what the application `cpp` shows of the
// component.

#include <gtest/gtest.h>
#include <spindle/test.h>

namespace spindle {
namespace {

using test::App;

TEST(Capabilities, KeepValues) {
  App app;
  EXPECT_EQ(app.get("/kv/default/tea").status, 404);
  EXPECT_EQ(app.send({"PUT", "/kv/default/tea", "green"}).status, 204);
  EXPECT_EQ(app.get("/kv/default/tea").body, "green");
  EXPECT_EQ(app.get("/kv/default").body, R"(["tea"])");
  EXPECT_EQ(app.get("/kv/secret").body, "denied: the component may not use this store");
}

TEST(Capabilities, KeepCats) {
  App app;
  EXPECT_EQ(app.post("/cats", R"({"name":"Whiskers","age":4,"weight":4.5})").status, 201);
  EXPECT_EQ(app.post("/cats", R"({"name":"Ada","age":2})").status, 201);
  EXPECT_EQ(app.get("/cats?age=3").body,
            R"([{"age":4,"name":"Whiskers","photo":false,"weight":4.5}])");
  EXPECT_EQ(Sqlite::open()->execute("SELECT count(*) FROM cats")->rows, std::vector<SqlRow>{{2}});
}

TEST(Capabilities, ReadBodiesAndWriteThemInPieces) {
  App app;
  EXPECT_EQ(app.post("/echo", "a body", "text/plain").body, "a body");
  EXPECT_EQ(app.get("/pieces/3").pieces.size(), 3U);
  EXPECT_EQ(app.send({"GET", "/pieces/3"}, {.pieces_max = 2}).body, "piece 0\npiece 1\n");
  EXPECT_EQ(app.get("/nowhere").status, 404);
}

TEST(Capabilities, AskOthers) {
  App app;
  app.on("GET", "http://hello.example/", http::Response(200, "Hello"));
  EXPECT_EQ(app.get("/fetch?url=http://hello.example/").body, "200 Hello");
  EXPECT_EQ(app.get("/fetch?url=http://other.example/").status, 500);
}

}  // namespace
}  // namespace spindle
