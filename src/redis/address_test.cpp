#include "redis/address.h"

#include <gtest/gtest.h>

#include <string>

namespace spindle::redis {
namespace {

struct Case {
  std::string_view url;
  Address expected;
};

TEST(Address, ReadsUrls) {
  const std::vector<Case> cases = {
      {"redis://localhost", {.host = "localhost"}},
      {"redis://localhost/", {.host = "localhost"}},
      {"redis://LocalHost:6380", {.host = "localhost", .port = 6380}},
      {"redis://127.0.0.1:1/", {.host = "127.0.0.1", .port = 1}},
      {"redis://127.1", {.host = "127.0.0.1"}},
      {"redis://[::1]:7000", {.host = "::1", .port = 7000}},
      {"rediss://r.example/2",
       {.transport = Transport::Tls, .host = "r.example", .login = {.database = 2}}},
      {"redis://:secret@h", {.host = "h", .login = {.password = "secret"}}},
      {"redis://ann:p%40ss%3A%2F@h:1/15",
       {.host = "h", .port = 1, .login = {.user = "ann", .password = "p@ss:/", .database = 15}}},
      {"redis://h?protocol=resp2", {.host = "h"}},
  };
  for (const auto& [url, expected] : cases) {
    auto address = parse_address(url);
    ASSERT_TRUE(address) << url << ": " << address.error().to_string();
    EXPECT_EQ(*address, expected) << url;
  }
}

TEST(Address, RefusesWhatIsNone) {
  for (std::string_view url :
       {"", "localhost", "localhost:6379", "http://localhost", "redis:", "redis://", "redis:///0",
        "redis://:6379", "redis://h:0", "redis://h:65536", "redis://h:x", "redis://h/one",
        "redis://h/-1", "redis://h/99999999999", "redis://a b", "redis://[::1", "redis+unix:///a",
        "redis://h/0/1"}) {
    auto address = parse_address(url);
    ASSERT_FALSE(address) << url;
    EXPECT_EQ(address.error().kind(), ErrorKind::InvalidInput) << url;
  }
  EXPECT_FALSE(parse_address("redis://" + std::string(5000, 'a')));
  EXPECT_EQ(parse_address("redis://h?protocol=resp3").error().kind(), ErrorKind::NotSupported);
}

TEST(Address, SaysNoSecrets) {
  auto address = parse_address("redis://ann:secret@[::1]:7000/3");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->authority(), "[::1]:7000");
  EXPECT_EQ(address->origin(), "redis://[::1]:7000");
  EXPECT_EQ(parse_address("rediss://h")->origin(), "rediss://h:6379");
  for (std::string_view url : {"redis://a:secret@h/x", "redis://a:secret@h:0", "no://a:secret@h"}) {
    EXPECT_EQ(parse_address(url).error().to_string().find("secret"), std::string::npos) << url;
  }
}

}  // namespace
}  // namespace spindle::redis
