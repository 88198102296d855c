#include "scaffold/words.h"

#include <gtest/gtest.h>

namespace spindle::scaffold {
namespace {

TEST(Words, AreCutAndJoined) {
  struct Case {
    std::string_view text;
    std::string_view kebab;
    std::string_view snake;
    std::string_view pascal;
  };
  const Case cases[] = {
      {"", "", "", ""},
      {"hello", "hello", "hello", "Hello"},
      {"my shop-front", "my-shop-front", "my_shop_front", "MyShopFront"},
      {"HTTPServer2 demo", "http-server2-demo", "http_server2_demo", "HttpServer2Demo"},
      {"camelCaseName", "camel-case-name", "camel_case_name", "CamelCaseName"},
      {"ABC", "abc", "abc", "Abc"},
      {"__a__b__", "a-b", "a_b", "AB"},
      {"v2Final", "v2-final", "v2_final", "V2Final"},
      {"caf\xc3\xa9 Bar", "caf\xc3\xa9-bar", "caf\xc3\xa9_bar",
       "Caf\xc3\xa9"
       "Bar"},
  };
  for (const auto& [text, kebab, snake, pascal] : cases) {
    EXPECT_EQ(kebab_case(text), kebab) << text;
    EXPECT_EQ(snake_case(text), snake) << text;
    EXPECT_EQ(pascal_case(text), pascal) << text;
  }
}

TEST(Words, AreCutBetweenDots) {
  EXPECT_EQ(dotted_pascal_case("acme.pet-store"), "Acme.PetStore");
  EXPECT_EQ(dotted_pascal_case("."), ".");
}

TEST(Words, RoutesTakeAllBelow) {
  EXPECT_EQ(http_wildcard("/a"), "/a/...");
  EXPECT_EQ(http_wildcard("/a/"), "/a/...");
  EXPECT_EQ(http_wildcard("/a/..."), "/a/...");
  EXPECT_EQ(http_wildcard(""), "/...");
}

}  // namespace
}  // namespace spindle::scaffold
