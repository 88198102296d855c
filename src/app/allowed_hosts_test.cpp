#include "app/allowed_hosts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spindle::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

bool permits(const char* entry, const char* url, std::string_view scheme = "https") {
  std::vector<std::string> entries{entry};
  auto hosts = AllowedHosts::parse(entries);
  EXPECT_TRUE(hosts) << entry;
  return hosts && hosts->permits(url, scheme);
}

TEST(AllowedHosts, MatchWhatTheyName) {
  struct {
    const char* entry;
    const char* url;
    bool permitted;
  } cases[] = {
      {"https://example.com", "https://example.com/path?q", true},
      {"https://example.com", "https://EXAMPLE.com", true},
      {"https://EXAMPLE.com", "https://example.com", true},
      {"https://example.com/", "https://example.com", true},
      {" https://example.com ", "https://example.com", true},
      {"https://example.com", "http://example.com", false},
      {"https://example.com", "https://example.com:444", false},
      {"https://example.com", "https://example.com:443", true},
      {"https://example.com", "https://example.com.evil.org", false},
      {"https://example.com", "https://evil.org/?example.com", false},
      {"https://example.com", "https://example.com@evil.org", false},
      {"https://example.com", "https://evil.org#@example.com", false},
      {"https://example.com", "https://evil.org\\@example.com", false},
      {"https://example.com", "https://user:pass@example.com", true},
      {"https://example.com", "example.com", true},
      {"https://example.com:*", "https://example.com:1", true},
      {"https://example.com:80..90", "https://example.com:80", true},
      {"https://example.com:80..90", "https://example.com:89", true},
      {"https://example.com:80..90", "https://example.com:90", false},
      {"https://example.com:80..90", "https://example.com:79", false},
      {"https://*.example.com", "https://a.example.com", true},
      {"https://*.example.com", "https://a.b.EXAMPLE.com", true},
      {"https://*.example.com", "https://example.com", false},
      {"https://*.example.com", "https://badexample.com", false},
      {"https://*.example.com", "https://.example.com", false},
      {"*://*:*", "redis://anything:1", true},
      {"*://*:*", "https://[::1]:9", true},
      {"http://*", "http://a", true},
      {"http://*", "http://a:81", false},
      {"redis://localhost", "redis://localhost", true},
      {"redis://localhost", "redis://localhost:6379", true},
      {"redis://localhost", "redis://LOCALHOST:6379", true},
      {"redis://localhost", "redis://localhost:6380", false},
      {"redis://h", "redis://user:p@ss@h", true},
      {"redis://h", "redis://h@other", false},
      {"http://127.0.0.1", "http://127.0.0.1", true},
      {"http://127.0.0.1", "http://127.1", true},
      {"http://127.0.0.1", "http://0x7f000001", true},
      {"http://[::1]", "http://[::1]", true},
      {"http://[::1]", "http://[0:0:0:0:0:0:0:1]/", true},
      {"http://[::1]:8080", "http://[::1]:8080", true},
      {"tcp://10.0.0.0/8:5000", "tcp://10.255.1.2:5000", true},
      {"tcp://10.1.2.3/8:5000", "tcp://10.255.1.2:5000", true},
      {"tcp://10.0.0.0/8:5000", "tcp://11.0.0.1:5000", false},
      {"tcp://10.0.0.0/8:*", "tcp://ten.example.com:5000", false},
      {"http://10.0.0.0/8", "http://10.0.0.1", true},
      {"http://0.0.0.0/0", "http://200.1.1.1", true},
      {"http://0.0.0.0/0", "http://[::1]", false},
      {"http://fd00::/8", "http://[fd12::1]", true},
      {"http://fd00::/8:81", "http://[fd12::1]:81", true},
      {"http://fd00::/8", "http://[fe12::1]", false},
      {"http://self", "http://self", false},
      {"http://*", "", false},
      {"http://*", "http://", false},
      {"*://*:*", "https://exa mple.com", false},
      {"*://*:*", "file:///etc/passwd", false},
      {"http://b\xc3\xbc"
       "cher.de",
       "http://xn--bcher-kva.de", true},
  };
  for (const auto& one : cases)
    EXPECT_EQ(permits(one.entry, one.url), one.permitted) << one.entry << " " << one.url;
}

TEST(AllowedHosts, UseTheDefaultSchemeOfTheInterface) {
  EXPECT_TRUE(permits("redis://cache:6379", "cache:6379", "redis"));
  EXPECT_TRUE(permits("tcp://127.0.0.1:80", "127.0.0.1:80", "tcp"));
  EXPECT_FALSE(permits("https://cache:6379", "cache:6379", "redis"));
}

TEST(AllowedHosts, RefuseBadEntries) {
  struct {
    const char* entry;
    const char* message;
  } cases[] = {
      {"", "empty"},
      {"*", "*://*:*"},
      {":", "scheme://host:port"},
      {"?", "not a wildcard"},
      {"example.com", "scheme is missing"},
      {"tcp://host", "no default port"},
      {"*://host", "no default port"},
      {"{http,https}://host", "lists of schemes"},
      {"http://{a,b}", "lists of hosts"},
      {"http://a:{80,81}", "lists of ports"},
      {"http1://host:1", "only letters"},
      {"http://host/path", "path is not allowed"},
      {"http://host//", "path is not allowed"},
      {"http://a.*.com", "wildcard"},
      {"http://*.127.0.0.1", "domain name"},
      {"http://*.", "domain name"},
      {"http://", "host is missing"},
      {"http://host:99999", "not a port"},
      {"http://host:80..", "port range"},
      {"http://host:-1", "not a port"},
      {"http://ho st", "not a valid host"},
      {"http://user@host", "not a valid host"},
      {"http://10.0.0.0/33", "path is not allowed"},
      {"http://[::1", "not a"},
  };
  for (const auto& one : cases) {
    auto host = AllowedHost::parse(one.entry);
    ASSERT_FALSE(host) << one.entry;
    EXPECT_THAT(host.error().message(), HasSubstr(one.message)) << one.entry;
  }
  std::vector<std::string> all{"insecure:allow-all"};
  EXPECT_THAT(AllowedHosts::parse(all).error().message(), HasSubstr("*://*:*"));
  all.emplace_back("http://a");
  EXPECT_THAT(AllowedHosts::parse(all).error().message(), HasSubstr("scheme is missing"));
}

TEST(AllowedHosts, PermitSelfOnlyWhereItIsNamed) {
  auto allows = [](const char* entry, const char* scheme) {
    std::vector<std::string> entries{entry};
    return AllowedHosts::parse(entries)->permits_self(scheme);
  };
  EXPECT_TRUE(allows("http://self", "http"));
  EXPECT_TRUE(allows("http://self.alt", "http"));
  EXPECT_TRUE(allows("*://*:*", "http"));
  EXPECT_FALSE(allows("http://self", "https"));
  EXPECT_FALSE(allows("http://example.com", "http"));
}

TEST(AllowedHosts, ResolveTemplatesAndSiblings) {
  std::vector<std::string> entries{"{{ upstream }}", "http://*.spin.internal",
                                   "https://{{ none }}"};
  std::vector<std::string> ids{"cart", "stock"};
  auto resolve = [](std::string_view text) -> Result<std::string> {
    return std::string(text == "{{ upstream }}" ? "http://up:81" : "https://");
  };
  auto hosts = resolve_allowed_hosts(entries, ids, resolve);
  ASSERT_TRUE(hosts) << hosts.error().to_string();
  EXPECT_EQ(hosts->hosts().size(), 3U);
  EXPECT_TRUE(hosts->permits("http://up:81", "https"));
  EXPECT_TRUE(hosts->permits("http://cart.spin.internal/x", "https"));
  EXPECT_FALSE(hosts->permits("http://other.spin.internal", "https"));
  EXPECT_EQ(chained_component("cart.spin.internal"), "cart");
  EXPECT_EQ(chained_component(".spin.internal"), std::nullopt);
  auto fails = [](std::string_view) -> Result<std::string> { return Error::not_found("gone"); };
  EXPECT_FALSE(resolve_allowed_hosts(entries, ids, fails));
}

TEST(AllowedHosts, AreCheckedWithDefaults) {
  auto check = [](std::vector<std::string> entries) {
    auto default_of = [](std::string_view name) -> std::optional<std::string> {
      if (name == "bad") return "no-scheme";
      if (name == "empty") return "";
      return std::nullopt;
    };
    return check_allowed_hosts(entries, default_of).has_value();
  };
  EXPECT_TRUE(check({"{{ unknown }}", "http://a"}));
  EXPECT_FALSE(check({"{{ bad }}"}));
  EXPECT_TRUE(check({"{{ empty }}"}));
  EXPECT_FALSE(check({"{{ bad"}));
}

TEST(AllowedHosts, ConvertTheOldList) {
  auto convert = [](std::vector<std::string> entries) {
    return convert_allowed_http_hosts(entries).value();
  };
  EXPECT_THAT(convert({"insecure:allow-all", "x"}),
              ElementsAre("http://*:*", "https://*:*", "http://self"));
  EXPECT_THAT(convert({"self", "a.com"}),
              ElementsAre("http://self", "http://a.com", "https://a.com"));
  EXPECT_THAT(convert({"https://a.com:81/"}), ElementsAre("http://a.com:81", "https://a.com:81"));
}

TEST(AllowedHosts, SuggestWhatWouldAllowAUrl) {
  EXPECT_EQ(destination_pattern(*parse_url("https://u:p@example.com/secret")),
            "https://example.com");
  EXPECT_EQ(destination_pattern(*parse_url("http://example.com:8080/")), "http://example.com:8080");
}

TEST(Urls, TurnPathsIntoFileUrlsAndBack) {
  for (const char* path : {"/a/b", "/with space/%/#?", "/\xc3\xa9\x01"}) {
    std::string url = file_url(path);
    EXPECT_EQ(path_of_file_url(url), path) << url;
  }
  for (const char* bad : {"http://a", "file://host/x", "file:///%0", "file:///%zz", "file:///%00"})
    EXPECT_FALSE(path_of_file_url(bad)) << bad;
}

TEST(Urls, ReadIpAddresses) {
  for (const char* good : {"::", "::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "fe80::1:2"})
    EXPECT_TRUE(parse_ipv6(good)) << good;
  for (const char* bad : {"", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
                          "g::", "12345::", "1:", ":1", "1.2.3.4", "::1.2.3", "1:2:3:4:5:6:7::8"})
    EXPECT_FALSE(parse_ipv6(bad)) << bad;
  for (const char* bad : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.", "a.b.c.d"})
    EXPECT_FALSE(parse_ipv4(bad)) << bad;
}

}  // namespace
}  // namespace spindle::app
