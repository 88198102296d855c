#include "host/outbound_http/outbound_http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/tcp.h"

namespace spindle::host {
namespace {

using http::FailureCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

app::Resolver resolver_with(std::optional<std::string> upstream) {
  app::LockedApp app;
  app.variables.push_back({.name = "upstream", .default_value = std::move(upstream)});
  return app::Resolver::create(app, {}).value();
}

struct World {
  explicit World(std::vector<std::string> entries,
                 std::optional<std::string> upstream = "http://up")
      : resolver(resolver_with(std::move(upstream))) {
    app::LockedComponent component;
    component.id = "a";
    component.allowed_outbound_hosts = std::move(entries);
    OutboundTerms terms{.component_ids = {"a", "b"},
                        .report_denial = [this](const std::string& text, const std::string& help) {
                          reported.push_back(text + " " + help);
                        }};
    access = OutboundAccess::create(component, resolver, std::move(terms)).value();
  }

  http::Outcome<wasi::OutboundDestination> admit(std::optional<std::string> scheme,
                                                 std::optional<std::string> authority) {
    wasi::OutboundRequest request;
    request.scheme = std::move(scheme);
    request.authority = std::move(authority);
    OutboundPermission permission(access);
    HttpGate gate(permission, config, place);
    return gate.admit(request);
  }

  app::Resolver resolver;
  OutboundAccess access;
  OutboundHttpConfig config{.component = "a"};
  HttpPlace place;
  std::vector<std::string> reported;
};

TEST(HttpGate, AdmitsWhatIsAllowedAsTheParsedUrlHasIt) {
  World world({"*://*:*"});
  struct Case {
    std::string authority;
    std::string origin;
    std::string host_header;
  };
  for (const auto& item : std::vector<Case>{
           {"example.com", "http://example.com:80", "example.com"},
           {"EXAMPLE.com:8080", "http://example.com:8080", "example.com:8080"},
           {"example.com:80", "http://example.com:80", "example.com"},
           {"127.1", "http://127.0.0.1:80", "127.0.0.1"},
           {"0x7f000001:81", "http://127.0.0.1:81", "127.0.0.1:81"},
           {"[::1]:8080", "http://[::1]:8080", "[::1]:8080"},
           {"b\xc3\xbc\x63her.example", "http://xn--bcher-kva.example:80", "xn--bcher-kva.example"},
       }) {
    const auto admitted = world.admit("http", item.authority);
    ASSERT_TRUE(admitted.has_value()) << item.authority << admitted.error().message;
    EXPECT_EQ(admitted->origin.to_string(), item.origin);
    EXPECT_EQ(admitted->authority, item.host_header);
  }
  // As in Spin, what names no scheme is https.
  EXPECT_EQ(world.admit(std::nullopt, "example.com")->origin.to_string(),
            "https://example.com:443");
}

TEST(HttpGate, DeniesTheRest) {
  World world({"http://example.com", "https://*.example.org", "http://127.0.0.0/8:*",
               "http://ports.example:8000..8100"});
  struct Case {
    std::string scheme;
    std::string authority;
    bool is_allowed;
  };
  for (const auto& item : std::vector<Case>{
           {"http", "example.com", true},
           {"http", "example.com:80", true},
           {"http", "example.com:8080", false},
           {"https", "example.com", false},
           {"http", "sub.example.com", false},
           {"https", "a.example.org", true},
           {"https", "a.b.example.org", true},
           {"https", "example.org", false},
           {"https", "evil-example.org", false},
           {"http", "127.3.2.1:99", true},
           {"http", "127.1:99", true},
           {"http", "2130706433:99", true},
           {"http", "localhost:99", false},
           {"http", "ports.example:8099", true},
           {"http", "ports.example:8100", false},
           {"http", "example.com.", false},
       }) {
    const auto admitted = world.admit(item.scheme, item.authority);
    EXPECT_EQ(admitted.has_value(), item.is_allowed) << item.scheme << item.authority;
    if (!admitted) EXPECT_EQ(admitted.error().code, FailureCode::RequestDenied);
  }
}

TEST(HttpGate, RefusesWhatIsNoDestination) {
  World world({"*://*:*", "http://self", "http://b.spin.internal"});
  struct Case {
    std::optional<std::string> scheme;
    std::optional<std::string> authority;
    FailureCode code;
  };
  for (const auto& item : std::vector<Case>{
           {"http", "user@example.com", FailureCode::RequestUriInvalid},
           {"http", "example.com/path", FailureCode::RequestUriInvalid},
           {"http", "example.com?query", FailureCode::RequestUriInvalid},
           {"http", "example.com#x", FailureCode::RequestUriInvalid},
           {"http", "example.com\\@other", FailureCode::RequestUriInvalid},
           {"http", "exa mple.com", FailureCode::RequestUriInvalid},
           {"http", "example.com:99999", FailureCode::RequestUriInvalid},
           {"http", "[::1", FailureCode::RequestUriInvalid},
           {"ftp", "example.com", FailureCode::ProtocolError},
           // Nobody listens here.
           {"http", "", FailureCode::ConnectionRefused},
           {"http", std::nullopt, FailureCode::ConnectionRefused},
           {"http", "self.alt", FailureCode::ConnectionRefused},
           {"https", "b.spin.internal", FailureCode::TlsProtocolError},
       }) {
    const auto admitted = world.admit(item.scheme, item.authority);
    ASSERT_FALSE(admitted.has_value()) << item.authority.value_or("none");
    EXPECT_EQ(admitted.error().code, item.code) << admitted.error().message;
  }
}

TEST(HttpGate, LeadsToTheApplicationItself) {
  io::EventLoop loop;
  struct Nobody final : http::Connector {
    io::Task<http::Outcome<http::Connected>> connect(const http::Origin&) override {
      co_return http::Outcome<http::Connected>(FailureCode::ConnectionRefused, "");
    }
  } nobody;
  http::Client client(loop, nobody);
  io::TaskGroup tasks(loop);
  const wasi::OutboundServices services{
      .client = client, .tasks = tasks, .self = http::Origin{.host = "127.0.0.1", .port = 3000}};
  for (const std::string entry :
       {"http://self", "http://self.alt", "https://self", "*://*:*", "http://*:*"}) {
    World world({entry});
    world.place.services = &services;
    for (const std::optional<std::string>& authority :
         {std::optional<std::string>(), std::optional<std::string>(""),
          std::optional<std::string>("self.alt")}) {
      const auto admitted = world.admit("http", authority);
      ASSERT_TRUE(admitted.has_value()) << entry << admitted.error().message;
      EXPECT_EQ(admitted->origin.to_string(), "http://127.0.0.1:3000");
      EXPECT_EQ(admitted->authority, "127.0.0.1:3000");
      EXPECT_EQ(admitted->component, "");
    }
  }
  World world({"http://127.0.0.1:3000", "http://a.spin.internal", "redis://*:*"});
  world.place.services = &services;
  EXPECT_EQ(world.admit("http", "self.alt").error().code, FailureCode::RequestDenied);
  EXPECT_EQ(world.admit("http", std::nullopt).error().code, FailureCode::RequestDenied);
  EXPECT_THAT(world.reported, ElementsAre(HasSubstr("request to its own app")));
}

TEST(HttpGate, LeadsToComponentsOfTheProcessUpToADepth) {
  for (const std::string entry : {"http://b.spin.internal", "http://*.spin.internal", "*://*:*"}) {
    World world({entry});
    const auto admitted = world.admit("http", "b.spin.internal");
    ASSERT_TRUE(admitted.has_value()) << admitted.error().message;
    EXPECT_EQ(admitted->component, "b");
    EXPECT_EQ(admitted->depth, 1u);
    EXPECT_EQ(admitted->authority, "b.spin.internal");
    world.place.depth = kChainMax - 1;
    EXPECT_EQ(world.admit("http", "B.spin.internal")->depth, kChainMax);
    world.place.depth = kChainMax;
    EXPECT_EQ(world.admit("http", "b.spin.internal").error().code, FailureCode::InternalError);
  }
  World world({"http://b.spin.internal", "http://self"});
  EXPECT_EQ(world.admit("http", "a.spin.internal").error().code, FailureCode::RequestDenied);
  EXPECT_EQ(world.admit("http", "b.spin.internal:81").error().code, FailureCode::RequestDenied);
  EXPECT_EQ(world.admit("http", "b.spin.internal.").error().code, FailureCode::RequestDenied);
}

struct AddressCase {
  std::string authority;
  bool is_allowed;
};

// However an address is written, it is judged as what would be connected to.
TEST(HttpGate, OddWritingsOfAddressesAreJudgedAsWhatTheyMean) {
  World world({"http://127.0.0.0/8:*", "http://10.1.2.3:80", "http://[::1]:8080",
               "http://2001:db8::/32:443", "http://plain.example:80"});
  for (const auto& item : std::vector<AddressCase>{
           {"127.0.0.1", true},
           {"127.1", true},
           {"0x7f.1", true},
           {"0x7f000001", true},
           {"2130706433", true},
           {"017700000001", true},
           {"0177.0.0.01", true},
           {"127.0.0.1.", true},
           {"%31%32%37.0.0.1", true},
           {"128.0.0.1", false},
           {"0x80.0.0.1", false},
           {"0", false},
           {"10.1.2.3", true},
           {"10.66051", true},
           {"10.1.515", true},
           {"10.1.2.3:81", false},
           {"10.1.2.4", false},
           {"[::1]:8080", true},
           {"[0:0:0:0:0:0:0:1]:8080", true},
           {"[::1]:80", false},
           {"[::ffff:127.0.0.1]", false},
           {"[2001:db8::5]:443", true},
           {"[2001:db9::5]:443", false},
           {"plain.example", true},
           {"PLAIN.Example:80", true},
           {"plain%2eexample", true},
           {"plain.example.", false},
           {"plain.example.evil", false},
           {"sub.plain.example", false},
           {"plain.example:8080", false},
       }) {
    EXPECT_EQ(world.admit("http", item.authority).has_value(), item.is_allowed) << item.authority;
  }
}

TEST(HttpGate, Http2WithoutAskingIsForWhomTheOperatorNames) {
  World world({"*://*:*"});
  using enum http::Protocol;
  EXPECT_EQ(world.admit("http", "up:8080")->origin.plain, Http1);
  world.config.http2_authority = "up:8080";
  EXPECT_EQ(world.admit("http", "up:8080")->origin.plain, Http2);
  EXPECT_EQ(world.admit("http", "up:8081")->origin.plain, Http1);
  EXPECT_EQ(world.admit("https", "up:8080")->origin.plain, Http1);
}

TEST(HttpGate, TlsIsThatOfTheComponentAndTheHost) {
  const app::ClientTlsConfig table{.components = {"a"}, .hosts = {"up.example"}};
  const auto tls = ClientTls::create({table}, app::DiskFiles()).value();
  World world({"*://*:*"});
  world.config.tls = tls.get();
  EXPECT_EQ(world.admit("https", "up.example")->origin.tls, 1u);
  EXPECT_EQ(world.admit("https", "UP.example:8443")->origin.tls, 1u);
  EXPECT_EQ(world.admit("https", "other.example")->origin.tls, ClientTls::kDefault);
  EXPECT_EQ(world.admit("http", "up.example")->origin.tls, ClientTls::kDefault);
  world.config.component = "b";
  EXPECT_EQ(world.admit("https", "up.example")->origin.tls, ClientTls::kDefault);
}

TEST(HttpGate, ResolvesTemplatesWithTheFirstRequest) {
  EXPECT_TRUE(World({"{{ upstream }}"}).admit("http", "up").has_value());
  EXPECT_FALSE(World({"{{ upstream }}"}).admit("http", "other").has_value());
  // What cannot be resolved, or is nonsense, allows nothing.
  EXPECT_FALSE(World({"{{ upstream }}", "http://other"}, "nonsense").admit("http", "other"));
  EXPECT_FALSE(World({"{{ upstream }}", "http://other"}, std::nullopt).admit("http", "other"));
}

TEST(HttpGate, ReportsADenialOnceWithTheEntryThatWouldAllowIt) {
  World world({});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(world.admit("http", "example.com:8080"));
  EXPECT_THAT(
      world.reported,
      ElementsAre("A component tried to make an outbound network connection to disallowed "
                  "destination 'http://example.com:8080'. To allow this request, add "
                  "'allowed_outbound_hosts = [\"http://example.com:8080\"]' to the manifest "
                  "component section."));
  for (int i = 0; i < 1000; ++i) (void)world.admit("http", fmt::format("h{}.example", i));
  EXPECT_LE(world.reported.size(), 100u);
}

}  // namespace
}  // namespace spindle::host
