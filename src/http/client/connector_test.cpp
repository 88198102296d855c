// The client over real sockets, names and a gate for addresses.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client/client.h"
#include "http/client/test_upstream.h"
#include "http/test_fixture.h"
#include "io/tcp.h"
#include "io/test_certificates.h"

namespace spindle::http {
namespace {

using namespace std::chrono_literals;

class Gate final : public io::AddressGate {
 public:
  bool permits(const io::Endpoint& endpoint) const override {
    asked.push_back(endpoint.to_string());
    return is_open;
  }
  mutable std::vector<std::string> asked;
  bool is_open = true;
};

// Number 0 trusts nobody, number 1 the authority.
class Trust final : public TlsSettings {
 public:
  Result<std::shared_ptr<const io::TlsContext>> find(uint32_t number) const override {
    asked.push_back(number);
    io::TlsClientOptions options;
    options.trusts_system_roots = false;
    options.protocols = {"h2", "http/1.1"};
    if (number == 1) options.roots = authority.certificate();
    if (number > 1) return Error::not_found("no such settings");
    return io::TlsContext::for_client(options);
  }
  io::TestAuthority authority;
  mutable std::vector<uint32_t> asked;
};

class RealSockets : public testing::Test {
 protected:
  void SetUp() override {
    auto listener = listen(loop, io::resolve_endpoint("127.0.0.1:0").value(),
                           io::TcpListener::Sharing::Exclusive);
    server = Server::create(loop, handler, {}, std::move(*listener));
    group.spawn(server->serve());
  }
  void TearDown() override {
    client.close_idle();
    loop.block_on(server->drain(10ms));
    loop.block_on(group.drained());
  }
  Origin origin(std::string host = "127.0.0.1") const {
    return {.scheme = Scheme::Http, .host = std::move(host), .port = server->endpoint().port};
  }

  io::EventLoop loop;
  io::BlockingPool pool{2};
  io::Resolver resolver{loop, pool};
  Gate gate;
  io::Dialer dialer{loop, resolver, gate};
  Trust trust;
  TcpConnector connector{loop, dialer, trust};
  Client client{loop, connector};
  TestHandler handler{loop};
  io::TaskGroup group{loop};
  std::unique_ptr<Server> server;
};

TEST_F(RealSockets, CarryRequestsOneAfterTheOther) {
  const std::string big(1 << 20, 'b');
  for (bool is_streamed : {false, true}) {
    for (size_t read_size : {0u, 30'000u}) {
      const auto seen = loop.block_on(exchange(client,
                                               {.method = "POST",
                                                .target = "/echo",
                                                .body = is_streamed ? "some" : big,
                                                .is_streamed = is_streamed,
                                                .read_size = read_size},
                                               origin()));
      // The echo of a big body meets a client that does not read yet: they wait for each other
      // unless the kernel's buffers hold it.
      EXPECT_EQ(seen.failure, std::nullopt) << seen.message;
      EXPECT_TRUE(seen.body == (is_streamed ? "some" : big));
    }
  }
  EXPECT_EQ(client.counters().opened, 1u);
}

TEST_F(RealSockets, NamesAreResolvedAndCheckedOnce) {
  EXPECT_EQ(loop.block_on(exchange(client, {.target = "/hello"}, origin("localhost"))).body,
            "hello");
  EXPECT_THAT(gate.asked, testing::Contains(origin().to_string().substr(7)));
}

TEST_F(RealSockets, AClosedGateLetsNobodyThrough) {
  gate.is_open = false;
  for (const auto* host : {"127.0.0.1", "localhost", "::1"}) {
    EXPECT_EQ(loop.block_on(exchange(client, {}, origin(host))).failure,
              FailureCode::DestinationIpProhibited);
  }
  EXPECT_EQ(server->counters().connections_accepted, 0u);
}

TEST_F(RealSockets, WhatCannotBeReachedSaysWhy) {
  auto free = io::find_free_endpoint(loop, io::resolve_endpoint("127.0.0.1:0").value());
  Origin nobody = origin();
  nobody.port = free->port;
  EXPECT_EQ(loop.block_on(exchange(client, {}, nobody)).failure, FailureCode::ConnectionRefused);
  EXPECT_EQ(loop.block_on(exchange(client, {}, origin("no-such-name.invalid"))).failure,
            FailureCode::DnsError);
  EXPECT_EQ(loop.block_on(exchange(client, {}, origin(std::string(300, 'a')))).failure,
            FailureCode::DnsError);
}

TEST_F(RealSockets, ConnectingThatTakesTooLongIsATimeout) {
  auto unheard = io::TcpListener::create(loop, io::resolve_endpoint("127.0.0.1:0").value()).value();
  Sent sent;
  sent.timeouts.connect = 100ms;
  Origin silent = origin();
  silent.scheme = Scheme::Https;
  silent.tls = 1;
  silent.port = unheard->endpoint().port;
  // Nobody accepts, so the handshake never ends.
  EXPECT_EQ(loop.block_on(exchange(client, sent, silent)).failure, FailureCode::ConnectionTimeout);
  EXPECT_EQ(client.counters().open, 0u);
}

// A server behind TLS: each connection is answered once, then closed as the test wants.
class SecureServer {
 public:
  SecureServer(io::EventLoop& loop, io::TlsIdentity identity)
      : loop_(loop),
        tasks_(loop),
        listener_(
            io::TcpListener::create(loop, io::resolve_endpoint("127.0.0.1:0").value()).value()),
        context_(io::TlsContext::for_server({std::move(identity), {"http/1.1"}}).value()) {
    tasks_.spawn(serve());
  }
  ~SecureServer() {
    listener_->close();
    tasks_.cancel();
    loop_.block_on(tasks_.drained());
    loop_.poll();
  }
  Origin origin(std::string host, uint32_t tls = 1) const {
    return {.scheme = Scheme::Https,
            .host = std::move(host),
            .port = listener_->endpoint().port,
            .tls = tls};
  }
  size_t connections = 0;
  std::string answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  bool ends_properly = true;

 private:
  io::Task<void> serve() {
    while (true) {
      auto accepting = listener_->accept();
      auto stream = co_await std::move(accepting);
      if (!stream) co_return;
      tasks_.spawn(talk(stream.take_value()));
    }
  }
  io::Task<void> talk(std::unique_ptr<io::ByteStream> tcp) {
    auto* below = tcp.get();
    auto accepting = io::tls_accept(loop_, std::move(tcp), context_);
    auto stream = co_await std::move(accepting);
    if (!stream) co_return;
    connections += 1;
    std::array<uint8_t, 4096> buffer;
    while (true) {
      auto reading = (*stream)->read_some(buffer);
      auto count = co_await std::move(reading);
      if (!count || *count == 0) co_return;
      const io::Piece piece(reinterpret_cast<const uint8_t*>(answer.data()), answer.size());
      auto writing = io::write_all(**stream, piece);
      (void)co_await std::move(writing);
      if (!ends_properly) below->shutdown_write();
    }
  }

  io::EventLoop& loop_;
  io::TaskGroup tasks_;
  std::unique_ptr<io::TcpListener> listener_;
  std::shared_ptr<const io::TlsContext> context_;
};

TEST_F(RealSockets, TlsCarriesRequestsOverKeptConnections) {
  SecureServer secure(loop, trust.authority.issue());
  for (int round = 0; round < 3; ++round) {
    const auto seen = loop.block_on(exchange(client, {}, secure.origin("localhost")));
    EXPECT_EQ(seen.failure, std::nullopt) << seen.message;
    EXPECT_EQ(seen.body, "ok");
  }
  EXPECT_EQ(secure.connections, 1u);
  // An address, and other settings, are other connections.
  EXPECT_EQ(loop.block_on(exchange(client, {}, secure.origin("127.0.0.1"))).body, "ok");
  EXPECT_EQ(secure.connections, 2u);
  EXPECT_EQ(loop.block_on(exchange(client, {}, secure.origin("localhost", 0))).failure,
            FailureCode::TlsProtocolError);
  EXPECT_EQ(secure.connections, 2u);
}

TEST_F(RealSockets, AServerThatChoosesHttp2IsSpokenToInHttp2) {
  auto listener = listen(loop, io::resolve_endpoint("127.0.0.1:0").value(),
                         io::TcpListener::Sharing::Exclusive);
  auto context = TlsSlot::make_context(trust.authority.issue());
  ServerOptions options{.scheme = Scheme::Https,
                        .tls = std::make_shared<TlsSlot>(context.take_value())};
  auto secure = Server::create(loop, handler, std::move(options), std::move(*listener));
  group.spawn(secure->serve());
  const Origin there{
      .scheme = Scheme::Https, .host = "localhost", .port = secure->endpoint().port, .tls = 1};
  struct Ask {
    static io::Task<void> run(Client& client, Origin origin, size_t& answers) {
      auto running = exchange(client, {.target = "/pieces"}, origin);
      const auto seen = co_await std::move(running);
      EXPECT_EQ(seen.body, "onetwothree") << seen.message;
      answers += 1;
    }
  };
  io::TaskGroup crowd(loop);
  size_t answers = 0;
  for (int i = 0; i < 50; ++i) crowd.spawn(Ask::run(client, there, answers));
  loop.block_on(crowd.drained());
  EXPECT_EQ(answers, 50u);
  EXPECT_EQ(secure->counters().connections_accepted, 1u);
  client.close_idle();
  loop.block_on(secure->drain(10ms));
}

TEST_F(RealSockets, TlsThatIsNotTrustedIsAFailureOfTls) {
  struct Case {
    io::TlsIdentity identity;
    std::string complaint;
  };
  const auto& authority = trust.authority;
  for (const auto& item : std::vector<Case>{
           {authority.issue({.names = {"other.example"}}), "hostname mismatch"},
           {authority.issue({.begins = -7200, .ends = -60}), "certificate has expired"},
           {io::TestAuthority::self_signed(), "self-signed certificate"},
           {io::TestAuthority().issue(), "the peer's certificate"},
       }) {
    SecureServer secure(loop, item.identity);
    const auto seen = loop.block_on(exchange(client, {}, secure.origin("localhost")));
    EXPECT_EQ(seen.failure, FailureCode::TlsProtocolError) << item.complaint;
    EXPECT_THAT(seen.message, testing::HasSubstr(item.complaint));
    EXPECT_EQ(client.counters().open, 0u);
  }
}

TEST_F(RealSockets, AServerWithoutTlsIsAFailureOfTls) {
  Origin secure = origin();
  secure.scheme = Scheme::Https;
  secure.tls = 1;
  EXPECT_EQ(loop.block_on(exchange(client, {}, secure)).failure, FailureCode::TlsProtocolError);
  secure.tls = 2;
  EXPECT_EQ(loop.block_on(exchange(client, {}, secure)).failure, FailureCode::TlsProtocolError);
}

TEST_F(RealSockets, ATlsConnectionThatIsCutIsNotTheEndOfABody) {
  SecureServer secure(loop, trust.authority.issue());
  secure.ends_properly = false;
  // Its end is the end of the connection.
  secure.answer = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nsome";
  const auto seen = loop.block_on(exchange(client, {}, secure.origin("localhost")));
  EXPECT_EQ(seen.failure, FailureCode::ConnectionTerminated);
  EXPECT_THAT(seen.message, testing::HasSubstr("without ending the TLS session"));
}

TEST(Resolver, SharesALookupAndLetsWaitersGo) {
  struct Ask {
    static io::Task<void> run(io::Resolver& resolver, size_t& answers) {
      auto resolving = resolver.resolve("localhost", 80);
      auto found = co_await std::move(resolving);
      if (found && !found->empty() && found->front().port == 80) answers += 1;
    }
    static io::Task<void> cancel(io::EventLoop& on, io::TaskGroup& group) {
      co_await io::yield(on);
      group.cancel();
      co_await group.drained();
    }
  };
  io::EventLoop loop;
  io::BlockingPool pool(1);
  io::Resolver resolver(loop, pool);
  io::TaskGroup leaving(loop);
  size_t none = 0;
  leaving.spawn(Ask::run(resolver, none));
  leaving.spawn(Ask::run(resolver, none));
  loop.block_on(Ask::cancel(loop, leaving));
  size_t answers = 0;
  loop.block_on(Ask::run(resolver, answers));
  EXPECT_EQ(answers, 1u);
}

TEST(Resolver, MayGoBeforeTheAnswerComes) {
  struct Ask {
    static io::Task<void> run(io::Resolver& resolver) {
      auto resolving = resolver.resolve("localhost", 80);
      (void)co_await std::move(resolving);
    }
    static io::Task<void> cancel(io::EventLoop& on, io::TaskGroup& group) {
      co_await io::yield(on);
      group.cancel();
      co_await group.drained();
    }
  };
  auto pool = std::make_unique<io::BlockingPool>(1);
  {
    io::EventLoop loop;
    io::Resolver resolver(loop, *pool);
    io::TaskGroup leaving(loop);
    leaving.spawn(Ask::run(resolver));
    loop.block_on(Ask::cancel(loop, leaving));
  }
  pool.reset();
}

}  // namespace
}  // namespace spindle::http
