#include "trigger/http/route.h"

#include <gtest/gtest.h>

namespace spindle::trigger {
namespace {

RouteTable table_of(const std::vector<std::string>& routes) {
  std::vector<std::pair<std::string, size_t>> pairs;
  for (const auto& route : routes) pairs.emplace_back(route, pairs.size());
  return RouteTable::create(pairs).value();
}

// The raw route that serves the path; empty for none.
std::string served_by(const RouteTable& table, std::string_view path) {
  auto match = table.match(path);
  return match ? match->route->raw() : "";
}

TEST(Route, MatchesExactParameterAndWildcardPatterns) {
  struct Case {
    const char* route;
    const char* path;
    bool matches;
    const char* trailing;
  };
  for (const auto& [route, path, matches, trailing] : std::initializer_list<Case>{
           {"/", "/", true, ""},
           {"/", "/a", false, ""},
           {"/a/b", "/a/b", true, ""},
           {"/a/b", "/a/b/", true, ""},
           {"/a/b", "/a", false, ""},
           {"/a/b", "/a/bc", false, ""},
           {"/a/b/", "/a/b", true, ""},
           {"/a/...", "/a", true, ""},
           {"/a/...", "/a/", true, "/"},
           {"/a/...", "/a/b", true, "/b"},
           {"/a/...", "/a/b/c/", true, "/b/c/"},
           {"/a/...", "/ab", false, ""},
           {"/a/*", "/a/b", true, "/b"},
           {"/...", "/", true, "/"},
           {"/...", "/any/thing", true, "/any/thing"},
           {"/a/:x", "/a/1", true, ""},
           {"/a/:x", "/a/", false, ""},
           {"/a/:x", "/a/1/2", false, ""},
           {"/a//b", "/a/b", true, ""},
           {"/a/b", "/a//b", false, ""},
           {"/f/:name.:ext", "/f/cat.png", true, ""},
           {"/f/:name.:ext", "/f/cat", false, ""},
           {"/f/:name.:ext", "/f/cat/x.png", false, ""},
           {"/a.txt", "/a.txt", true, ""},
           {"/a.txt", "/abtxt", false, ""},
           {"no-slash", "/no-slash", true, ""},
       }) {
    auto match = Route::parse(route).value().match(path);
    EXPECT_EQ(match.has_value(), matches) << route << " on " << path;
    if (match) EXPECT_EQ(match->trailing, trailing) << route << " on " << path;
  }
}

TEST(Route, CapturesParametersUndecoded) {
  auto route = Route::parse("/users/:user_id/files/:name.:ext").value();
  std::string path = "/users/a%20b/files/report.pdf";
  auto match = route.match(path);
  ASSERT_TRUE(match);
  using Pair = std::pair<std::string_view, std::string_view>;
  EXPECT_EQ(match->params,
            (std::vector<Pair>{{"user_id", "a%20b"}, {"name", "report"}, {"ext", "pdf"}}));
}

TEST(Route, RefusesPatternsThatCannotMatch) {
  for (const char* raw : {"/:", "/a/*name", "/a/.../b", "/*/b"}) {
    EXPECT_FALSE(Route::parse(raw).has_value()) << raw;
  }
}

TEST(Route, HasTheFormsThatHeadersCarry) {
  EXPECT_EQ(Route::parse("/").value().normalized(), "");
  EXPECT_EQ(Route::parse("base/:x/...").value().normalized(), "/base/:x/...");
  EXPECT_EQ(Route::parse("/a/").value().normalized(), "/a");
  EXPECT_EQ(Route::parse("/...").value().prefix(), "/");
  EXPECT_EQ(Route::parse("/a/...").value().prefix(), "/a");
}

TEST(RouteTable, TriesTheMostSpecificRouteFirst) {
  auto table = table_of({"/...", "/a/...", "/a/:x", "/a/b", "/a/b/...", "/:first/b"});
  EXPECT_EQ(served_by(table, "/a/b"), "/a/b");
  EXPECT_EQ(served_by(table, "/a/b/c"), "/a/b/...");
  EXPECT_EQ(served_by(table, "/a/z"), "/a/:x");
  EXPECT_EQ(served_by(table, "/a/z/y"), "/a/...");
  EXPECT_EQ(served_by(table, "/z/b"), "/:first/b");
  EXPECT_EQ(served_by(table, "/z"), "/...");
}

TEST(RouteTable, DeclarationOrderDecidesBetweenEquals) {
  auto table = table_of({"/a/:x", "/a/:y"});
  EXPECT_EQ(served_by(table, "/a/1"), "/a/:x");
  auto slashes = table_of({"/foo", "/foo/"});
  EXPECT_EQ(served_by(slashes, "/foo/"), "/foo");
}

TEST(RouteTable, ALaterEqualRouteReplacesAndKeepsThePlace) {
  auto table = table_of({"/a", "/b", "/a"});
  ASSERT_EQ(table.entries().size(), 2u);
  EXPECT_EQ(table.match("/a")->target, 2u);
  EXPECT_EQ(table.entries()[0].route.raw(), "/a");
  ASSERT_EQ(table.replaced().size(), 1u);
  EXPECT_EQ(table.replaced()[0].target, 0u);
}

TEST(RouteTable, AnUnknownPathMatchesNothing) {
  EXPECT_FALSE(table_of({"/a", "/b/..."}).match("/c"));
  EXPECT_FALSE(table_of({}).match("/"));
}

}  // namespace
}  // namespace spindle::trigger
