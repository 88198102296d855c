#include "host/mysql/address.h"

#include <gtest/gtest.h>

namespace spindle::host::mysql {
namespace {

TEST(MysqlAddress, ReadsItsParts) {
  const std::pair<const char*, Address> kCases[] = {
      {"mysql://db.example", {.host = "db.example"}},
      {"mysql://u:p@db.example:3307/shop",
       {.host = "db.example", .port = 3307, .user = "u", .password = "p", .database = "shop"}},
      {"mysql://u:p%40%2f%3a@DB.example/sh%6fp",
       {.host = "db.example", .user = "u", .password = "p@/:", .database = "shop"}},
      {"mysql://u@[::1]:7/d", {.host = "::1", .port = 7, .user = "u", .database = "d"}},
      {"mysql://u@h/d?ssl-mode=REQUIRED",
       {.host = "h", .user = "u", .database = "d", .has_tls = true}},
      {"mysql://u@h/d?SslMode=preferred&pool_min=1",
       {.host = "h", .user = "u", .database = "d", .has_tls = true}},
      {"mysql://u@h/d?ssl-mode=Disabled", {.host = "h", .user = "u", .database = "d"}},
      {"mysql://u@h/d?#ssl-mode=required", {.host = "h", .user = "u", .database = "d"}},
      {"mysql://u:%@h/d%2", {.host = "h", .user = "u", .password = "%", .database = "d%2"}},
  };
  for (const auto& [text, expected] : kCases) {
    const auto parsed = parse_address(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(MysqlAddress, RefusesWhatItDoesNotKnow) {
  for (const std::string& text :
       {std::string(), std::string("mysql://"), std::string("http://h/d"),
        std::string("mysql://u@h/d?socket=/run/mysqld.sock"), std::string("mysql://u@h/d?x"),
        "mysql://u@h/" + std::string(kAddressBytesMax, 'x')}) {
    EXPECT_FALSE(parse_address(text).has_value()) << text.substr(0, 40);
  }
}

}  // namespace
}  // namespace spindle::host::mysql
