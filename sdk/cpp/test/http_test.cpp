// Requests, responses and routes, natively.

#include <spindle/json.h>
#include <spindle/router.h>

#include <gtest/gtest.h>

namespace spindle::http {
namespace {

TEST(Request, SplitsItsUri) {
  struct Case {
    const char* uri;
    const char* path;
    std::optional<std::string> name;
  };
  const Case cases[] = {
      {"/", "/", std::nullopt},
      {"/a/b?name=x", "/a/b", "x"},
      {"/a?b=http://c/d&name=%41+b%zz%4", "/a", "A b%zz%4"},
      {"/a?names=1&name", "/a", ""},
      {"/a?%6eame=y#name=z", "/a", "y"},
      {"http://host:1/p/q?name=1", "/p/q", "1"},
      {"http://host", "/", std::nullopt},
  };
  for (const Case& test : cases) {
    const Request request("GET", test.uri);
    EXPECT_EQ(request.path(), test.path) << test.uri;
    EXPECT_EQ(request.query("name"), test.name) << test.uri;
  }
}

TEST(Headers, CompareNamesWithoutCase) {
  Headers headers{{"Accept", "a"}, {"x", "1"}, {"accept", "b"}};
  EXPECT_EQ(headers.get("ACCEPT"), "a");
  EXPECT_EQ(headers.get_all("accept"), (std::vector<std::string_view>{"a", "b"}));
  headers.set("ACCEPT", "c");
  EXPECT_EQ(headers, (Headers{{"x", "1"}, {"ACCEPT", "c"}}));
  EXPECT_FALSE(headers.has("y"));
}

// Pieces, then an end or an error.
class Pieces final : public BodyReader {
 public:
  explicit Pieces(std::vector<Result<std::string>> pieces) : pieces_(std::move(pieces)) {}
  Result<std::string> read() override {
    return next_ < pieces_.size() ? pieces_[next_++] : Result<std::string>();
  }

 private:
  std::vector<Result<std::string>> pieces_;
  size_t next_ = 0;
};

TEST(Request, ReadsItsBodyWhenAsked) {
  Request request;
  request.set_body(std::make_unique<Pieces>(std::vector<Result<std::string>>{"a", "bc"}));
  EXPECT_EQ(request.read(), "a");
  EXPECT_EQ(request.body(), "bc");
  EXPECT_EQ(request.body(), "bc");
  request.set_body(std::make_unique<Pieces>(
      std::vector<Result<std::string>>{"a", fail(ErrorKind::Unavailable, "gone"), "b"}));
  EXPECT_EQ(request.body(), "a");
}

Router::Handler says(std::string what) {
  return [what](Request& request) {
    return text(what + " " + std::string(request.parameter("id")) +
                std::string(request.parameter("*")));
  };
}

TEST(Router, TakesTheMostSpecificRoute) {
  Router router;
  router.any("/*", says("any")).get("/cats/:id", says("cat")).get("/cats/best", says("best"));
  router.post("/cats/:id/toys/*", says("toys")).get("/", says("home")).del("/dogs", says("dog"));
  struct Case {
    const char* method;
    const char* path;
    int status;
    const char* body;
  };
  const Case cases[] = {
      {"GET", "/", 200, "home "},
      {"GET", "/cats/1", 200, "cat 1"},
      {"HEAD", "/cats/a%2Fb", 200, "cat a/b"},
      {"GET", "/cats/best", 200, "best "},
      {"GET", "/cats/", 200, "any cats/"},
      {"POST", "/cats/1/toys/x/y", 200, "toys 1x/y"},
      {"PUT", "/cats/1", 200, "any cats/1"},
      {"GET", "/what/ever", 200, "any what/ever"},
  };
  for (const Case& test : cases) {
    Request request(test.method, test.path);
    const Response response = router(request);
    EXPECT_EQ(response.status, test.status) << test.path;
    EXPECT_EQ(response.content(), test.body) << test.path;
  }
}

TEST(Router, SaysWhatAPathAllows) {
  Router router;
  router.get("/a", says("a")).post("/a", says("b"));
  Request put("PUT", "/a");
  const Response refused = router(put);
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.get("allow"), "GET, POST");
  Request unknown("GET", "/b");
  EXPECT_EQ(router(unknown).status, 404);
  router.otherwise([](Request&) { return Response(410); });
  EXPECT_EQ(router(unknown).status, 410);
}

TEST(Json, ComesAndGoesWithoutExceptions) {
  EXPECT_EQ(parse_json("{\"a\":").error().kind, ErrorKind::Invalid);
  const Json value = *parse_json(R"({"name":"Ada","age":3,"weight":4.5,"cat":true})");
  EXPECT_EQ(spindle::get<std::string>(value, "name"), "Ada");
  EXPECT_EQ(spindle::get<int>(value, "name"), std::nullopt);
  EXPECT_EQ(spindle::get<int>(value, "age"), 3);
  EXPECT_EQ(spindle::get<double>(value, "age"), 3.0);
  EXPECT_EQ(spindle::get<bool>(value, "cat"), true);
  EXPECT_EQ(spindle::get<int>(Json(4), "age"), std::nullopt);
  EXPECT_EQ(json(Json{{"a", "\xff"}}).content(), "{\"a\":\"\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace spindle::http
