#include "app/runtime_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spindle::app {
namespace {

using testing::HasSubstr;

Result<RuntimeConfig> parse(const std::string& text) {
  return parse_runtime_config(SourceText("config.toml", text), "/etc/spindle");
}

TEST(RuntimeConfig, ReadsWhomClientsTrust) {
  const auto config = parse(R"(
[[client_tls]]
component_ids = ["a", "b"]
hosts = ["Example.COM", "127.0.0.1", "[::1]"]
ca_roots_file = "roots.pem"
client_cert_file = "/etc/ssl/own.pem"
client_private_key_file = "own.key"
[[client_tls]]
component_ids = ["a"]
hosts = ["other.example"]
)")
                          .value();
  ASSERT_EQ(config.client_tls.size(), 2U);
  const ClientTlsConfig& first = config.client_tls[0];
  EXPECT_EQ(first.roots_file, "/etc/spindle/roots.pem");
  EXPECT_EQ(first.certificate_file, "/etc/ssl/own.pem");
  EXPECT_EQ(first.private_key_file, "/etc/spindle/own.key");
  EXPECT_TRUE(first.holds_for("b", "example.com"));
  EXPECT_TRUE(first.holds_for("a", "[::1]"));
  EXPECT_FALSE(first.holds_for("c", "example.com"));
  EXPECT_FALSE(first.holds_for("a", "other.example"));
  EXPECT_EQ(config.client_tls[1].roots_file, "");
}

TEST(RuntimeConfig, RootsOfTheSystemAreTrustedWhereNothingElseIsSaid) {
  struct Case {
    std::string keys;
    bool expected;
  };
  for (const auto& item : std::vector<Case>{
           {"", true},
           {"ca_roots_file = 'r'", false},
           {"ca_roots_file = 'r'\nca_use_platform_roots = true", true},
           {"ca_use_platform_roots = true\nca_use_webpki_roots = false", true},
           {"ca_use_webpki_roots = true", true},
           {"ca_roots_file = 'r'\nca_use_webpki_roots = false", false},
       }) {
    const auto config = parse("[[client_tls]]\ncomponent_ids = ['a']\nhosts = ['h']\n" + item.keys);
    ASSERT_TRUE(config) << item.keys << config.error().to_string();
    EXPECT_EQ(config->client_tls[0].trusts_system_roots, item.expected) << item.keys;
  }
}

TEST(RuntimeConfig, ReadsHowManyConnectionsThereMayBe) {
  const auto none = parse("").value();
  EXPECT_EQ(none.outbound.http_connections, std::nullopt);
  EXPECT_EQ(none.outbound.total_connections, std::nullopt);
  const auto config = parse(R"(
[outbound_http]
max_connections = 0
[outbound_redis]
max_connections = 1
[outbound_pg]
max_connections = 2
[outbound_mysql]
max_connections = 4
[outbound_mqtt]
max_connections = 5
max_payload_size_bytes = 6
[outbound_networking]
max_total_connections = 9
max_socket_connections = 3
)")
                          .value();
  EXPECT_EQ(config.outbound.http_connections, 0U);
  EXPECT_EQ(config.outbound.redis_connections, 1U);
  EXPECT_EQ(config.outbound.postgres_connections, 2U);
  EXPECT_EQ(config.outbound.mysql_connections, 4U);
  EXPECT_EQ(config.outbound.mqtt_connections, 5U);
  EXPECT_EQ(config.outbound.mqtt_payload_bytes_max, 6U);
  EXPECT_EQ(config.outbound.total_connections, 9U);
  EXPECT_EQ(config.outbound.socket_connections_max, 3U);
  EXPECT_FALSE(config.outbound.pools_http_connections);
  // Spin has one more.
  EXPECT_EQ(parse("[outbound_http]\nmax_concurrent_requests = 3").value().outbound.http_connections,
            4U);
}

TEST(RuntimeConfig, RefusesClientTlsAndLimitsThatCannotBe) {
  const std::string head = "[[client_tls]]\ncomponent_ids = ['a']\nhosts = ['h']\n";
  struct Case {
    std::string text;
    std::string complaint;
  };
  for (const auto& item : std::vector<Case>{
           {"[client_tls]\nhosts = ['h']", "client_tls"},
           {"client_tls = [1]", "must hold tables"},
           {"[[client_tls]]\ncomponent_ids = ['a']", "hosts"},
           {"[[client_tls]]\nhosts = ['h']", "component_ids"},
           {"[[client_tls]]\ncomponent_ids = []\nhosts = ['h']", "`component_ids`"},
           {"[[client_tls]]\ncomponent_ids = ['a']\nhosts = []", "`hosts`"},
           {"[[client_tls]]\ncomponent_ids = ['a']\nhosts = ['h:443']", "is not a host"},
           {"[[client_tls]]\ncomponent_ids = ['a']\nhosts = ['https://h']", "is not a host"},
           {head + "ca_use_platform_roots = false", "trusts no roots"},
           {head + "client_cert_file = 'c'", "expected both or neither"},
           {head + "client_private_key_file = 'k'", "expected both or neither"},
           {head + "roots = 'x'", "roots"},
           {"[outbound_http]\nmax_connections = -1", "expected a number of 0"},
           {"[outbound_http]\nmax_connections = 1\nmax_concurrent_requests = 1", "both"},
           {"[outbound_networking]\nmax_total_connections = '3'", "integer"},
           {"[outbound_redis]\nmax_connections = -1", "`max_connections` of `[outbound_redis]`"},
           {"[outbound_pg]\nmax_connection = 1", "did you mean `max_connections`"},
           {"[outbound_mysql]\nmax_payload_size_bytes = 1", "unknown key"},
           {"outbound_mqtt = 1", "a table"},
       }) {
    const auto config = parse(item.text);
    ASSERT_FALSE(config) << item.text;
    EXPECT_THAT(config.error().to_string(), HasSubstr(item.complaint));
  }
}

}  // namespace
}  // namespace spindle::app
