// The client over real sockets, names and a gate for addresses.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client/client.h"
#include "http/client/test_upstream.h"
#include "http/test_fixture.h"
#include "io/tcp.h"

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
  TcpConnector connector{dialer};
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
  Origin secure = origin();
  secure.scheme = Scheme::Https;
  const auto seen = loop.block_on(exchange(client, {}, secure));
  EXPECT_EQ(seen.failure, FailureCode::TlsProtocolError);
  EXPECT_THAT(seen.message, testing::HasSubstr("TLS is not supported yet"));
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
