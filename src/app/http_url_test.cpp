#include "app/http_url.h"

#include <gtest/gtest.h>

namespace spindle::app {
namespace {

TEST(HttpUrl, ReadsWhoIsAskedAndForWhat) {
  struct Case {
    std::string text;
    std::string scheme;
    std::string authority;
    std::string target;
  };
  for (const Case& one : {
           Case{"http://example.com", "http", "example.com", "/"},
           Case{"HTTPS://User:pw@EXAMPLE.com:443/a/../b c?q=1#there", "https", "example.com",
                "/b%20c?q=1"},
           Case{"http://0x7f.1:8080?x", "http", "127.0.0.1:8080", "/?x"},
           Case{"http://[::1]:81/", "http", "[::1]:81", "/"},
       }) {
    const auto url = HttpUrl::parse(one.text);
    ASSERT_TRUE(url.has_value()) << one.text;
    EXPECT_EQ(url->scheme, one.scheme);
    EXPECT_EQ(url->authority, one.authority);
    EXPECT_EQ(url->target, one.target);
  }
  for (const std::string text :
       {"", "/path", "example.com", "ftp://example.com", "http://", "http://a b/", "http://[::1"}) {
    EXPECT_FALSE(HttpUrl::parse(text).has_value()) << text;
  }
  EXPECT_FALSE(HttpUrl::parse("http://a/" + std::string(70'000, 'x')).has_value());
}

TEST(HttpUrl, ResolvesReferences) {
  const HttpUrl base = *HttpUrl::parse("http://a.example:81/one/two?q");
  EXPECT_EQ(base.resolve("three")->text, "http://a.example:81/one/three");
  EXPECT_EQ(base.resolve("/four?x#y")->text, "http://a.example:81/four?x");
  EXPECT_EQ(base.resolve("//b.example/")->authority, "b.example");
  EXPECT_EQ(base.resolve("https://c.example")->scheme, "https");
  EXPECT_EQ(base.resolve("")->target, "/one/two?q");
  EXPECT_FALSE(base.resolve("file:///etc/passwd").has_value());
}

}  // namespace
}  // namespace spindle::app
