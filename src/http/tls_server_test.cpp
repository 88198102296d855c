// A server over TLS: what both sides agree on, and clients that do not get that far.

#include <gmock/gmock.h>

#include "http/h2/test_client.h"
#include "io/test_certificates.h"

namespace spindle::http {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const io::TestAuthority& authority() {
  static const io::TestAuthority made;
  return made;
}

TlsSlot::Context server_context() {
  auto context = TlsSlot::make_context(authority().issue());
  EXPECT_TRUE(context.has_value());
  return context.take_value();
}

Wire encrypted(Wire wire = {}) {
  wire.tls = std::make_shared<TlsSlot>(server_context());
  return wire;
}

using Protocols = std::vector<std::string>;

io::Task<Result<std::unique_ptr<io::TlsStream>>> shake_hands(io::EventLoop& loop,
                                                             std::unique_ptr<io::ByteStream> wire,
                                                             Protocols protocols,
                                                             std::string roots) {
  auto context = CO_TRY(io::TlsContext::for_client({.trusts_system_roots = false,
                                                    .roots = std::move(roots),
                                                    .identity = {},
                                                    .protocols = std::move(protocols)}));
  auto connecting = io::tls_connect(loop, std::move(wire), std::move(context), "localhost");
  auto connected = co_await std::move(connecting);
  co_return connected;
}

Result<std::unique_ptr<io::TlsStream>> connect(TestServer& server, Protocols protocols) {
  return server.loop.block_on(
      shake_hands(server.loop, server.connect(), std::move(protocols), authority().certificate()));
}

TEST(TlsServer, SpeaksHttp1WithClientsThatWantIt) {
  for (const auto& protocols : {Protocols{}, Protocols{"http/1.1"}, Protocols{"x", "http/1.1"}}) {
    TestServer server({}, encrypted());
    auto stream = connect(server, protocols);
    ASSERT_TRUE(stream.has_value()) << stream.error().to_string();
    server.loop.block_on(
        send_text(**stream, "GET /read HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    auto output = server.loop.block_on(receive_all(**stream));
    EXPECT_THAT(output, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(server.handler.notes, ElementsAre(StartsWith("https GET a /read")));
  }
}

TEST(TlsServer, SpeaksHttp2WithClientsThatWantItHoweverTheInputIsCut) {
  for (size_t fragment : {0, 1, 100}) {
    TestServer server({}, encrypted({.fragment = fragment}));
    auto stream = connect(server, {"http/1.1", "h2"});
    ASSERT_TRUE(stream.has_value()) << stream.error().to_string();
    EXPECT_EQ((*stream)->protocol(), "h2");
    h2::TestClient client(server, stream.take_value());
    const std::string body(100'000, 'x');
    auto echo = client.ask({.method = "POST", .path = "/echo", .body = body});
    EXPECT_EQ(client.get("/read").status, "200");
    EXPECT_TRUE(client.finish(echo).body == body);
    EXPECT_THAT(server.handler.notes, ElementsAre("https GET a /read [host=a]"));
  }
}

TEST(TlsServer, SpeaksHttp2ByPriorKnowledge) {
  TestServer server({}, encrypted());
  auto stream = connect(server, {});
  ASSERT_TRUE(stream.has_value());
  h2::TestClient client(server, stream.take_value());
  EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST(TlsServer, UsesTheNewCertificateForNewConnections) {
  auto slot = std::make_shared<TlsSlot>(server_context());
  TestServer server({}, {.tls = slot});
  auto first = connect(server, {"h2"});
  ASSERT_TRUE(first.has_value());
  h2::TestClient client(server, first.take_value());
  const io::TestAuthority other;
  auto context = TlsSlot::make_context(other.issue());
  ASSERT_TRUE(context.has_value());
  slot->replace(context.take_value());
  EXPECT_EQ(client.get("/hello").body, "hello");
  auto refused = connect(server, {"h2"});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind(), ErrorKind::Denied);
  auto trusted =
      server.loop.block_on(shake_hands(server.loop, server.connect(), {"h2"}, other.certificate()));
  EXPECT_TRUE(trusted.has_value());
}

TEST(TlsServer, RefusesIdentitiesThatAreNone) {
  auto identity = authority().issue();
  auto other = authority().issue();
  for (const auto& broken : {io::TlsIdentity{identity.certificates, other.private_key},
                             io::TlsIdentity{"", identity.private_key},
                             io::TlsIdentity{identity.certificates, "nonsense"}}) {
    EXPECT_FALSE(TlsSlot::make_context(broken).has_value());
  }
}

TEST(TlsServer, LeavesClientsThatDoNotSpeakTls) {
  TestServer server({}, encrypted());
  auto output = server.exchange("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(output.find("HTTP/1.1"), std::string::npos);
  EXPECT_EQ(server.server->counters().handshakes_failed, 1u);
  EXPECT_EQ(server.server->counters().requests, 0u);
  ASSERT_EQ(server.errors.size(), 1u);
  EXPECT_THAT(server.errors[0], HasSubstr("TLS"));
}

TEST(TlsServer, LeavesClientsWithWhomItHasNoProtocol) {
  TestServer server({}, encrypted());
  auto stream = connect(server, {"spdy/3"});
  EXPECT_FALSE(stream.has_value());
}

TEST(TlsServer, CountsAndTimesHandshakesAsConnections) {
  Limits limits;
  limits.tick = 5ms;
  limits.handshake_time = 20ms;
  limits.connections = 1;
  TestServer server(limits, encrypted());
  auto silent = server.connect();
  EXPECT_EQ(server.exchange(""), "");
  EXPECT_EQ(server.server->counters().connections_refused, 1u);
  EXPECT_EQ(server.loop.block_on(receive_all(*silent)), "");
  EXPECT_EQ(server.server->counters().timeouts, 1u);
  auto stream = connect(server, {"h2"});
  EXPECT_TRUE(stream.has_value());
}

TEST(TlsServer, DrainsHandshakesAtOnce) {
  TestServer server({}, encrypted());
  auto silent = server.connect();
  server.loop.poll();
  server.drain(10s);
  EXPECT_EQ(server.loop.block_on(receive_all(*silent)), "");
}

TEST(TlsServer, SurvivesTheFailureOfEveryOperation) {
  for (size_t fail_at = 0; fail_at < 30; ++fail_at) {
    TestServer server({}, encrypted({.fail_at = fail_at}));
    auto stream = connect(server, {"h2"});
    if (!stream) continue;
    h2::TestClient client(server, stream.take_value());
    client.get("/pieces");
  }
}

}  // namespace
}  // namespace spindle::http
