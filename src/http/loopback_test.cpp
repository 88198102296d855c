// The server over real sockets.

#include <gmock/gmock.h>

#include "http/test_fixture.h"
#include "io/tcp.h"

namespace spindle::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

io::Endpoint any_port() {
  return io::resolve_endpoint("127.0.0.1:0").value();
}

class Loopback : public testing::Test {
 protected:
  void listen_with(Limits limits, io::TcpListener::Sharing sharing) {
    auto listener = listen(loop, any_port(), sharing);
    ASSERT_TRUE(listener.has_value());
    ServerOptions options;
    options.limits = limits;
    server = Server::create(loop, handler, options, std::move(*listener));
    group.spawn(server->serve());
  }
  std::unique_ptr<io::ByteStream> connect() {
    return loop.block_on(io::connect_tcp(loop, server->endpoint())).value();
  }
  void TearDown() override {
    if (server) loop.block_on(server->drain(10ms));
    loop.block_on(group.drained());
  }

  io::EventLoop loop;
  TestHandler handler{loop};
  io::TaskGroup group{loop};
  std::unique_ptr<Server> server;
};

TEST_F(Loopback, AnswersRequestsOfOneConnection) {
  listen_with({}, io::TcpListener::Sharing::Exclusive);
  auto client = connect();
  for (int i = 0; i < 3; ++i) {
    loop.block_on(send_text(*client, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
    auto output = loop.block_on(receive_until(*client, "hello"));
    EXPECT_EQ(without_dates(output), "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
  }
  EXPECT_EQ(server->counters().connections_accepted, 1u);
  EXPECT_EQ(server->counters().requests, 3u);
}

TEST_F(Loopback, AnswersAClientThatEndsItsInputAtOnce) {
  listen_with({}, io::TcpListener::Sharing::Exclusive);
  auto client = connect();
  loop.block_on(send_text(*client, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
  client->shutdown_write();
  auto output = loop.block_on(receive_all(*client));
  EXPECT_THAT(output, testing::EndsWith("\r\n\r\nhello"));
}

TEST_F(Loopback, StreamsMoreThanTheKernelHolds) {
  listen_with({}, io::TcpListener::Sharing::Exclusive);
  constexpr size_t kSize = 20'000'000;
  auto client = connect();
  auto text = "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " +
              std::to_string(kSize) + "\r\n\r\n" + std::string(kSize, 'z');
  group.spawn(send_text(*client, std::move(text)));
  auto output = loop.block_on(receive_all(*client));
  EXPECT_EQ(std::count(output.begin(), output.end(), 'z'), static_cast<ptrdiff_t>(kSize));
  EXPECT_TRUE(output.ends_with("0\r\n\r\n"));
}

TEST_F(Loopback, NoticesAClientThatLeaves) {
  Limits limits;
  limits.tick = 5ms;
  listen_with(limits, io::TcpListener::Sharing::Exclusive);
  for (bool broken : {false, true}) {
    handler.entered().reset();
    handler.gone().reset();
    auto client = connect();
    loop.block_on(send_text(*client, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"));
    loop.block_on(handler.entered().wait());
    broken ? client->abort() : client->close();
    loop.block_on(handler.gone().wait());
  }
  EXPECT_EQ(server->counters().clients_gone, 2u);
}

TEST_F(Loopback, NoticesAClientThatLeftBeforeTheHandlerBegan) {
  Limits limits;
  limits.tick = 5ms;
  listen_with(limits, io::TcpListener::Sharing::Exclusive);
  auto client = connect();
  loop.block_on(send_text(*client, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"));
  client->close();
  loop.block_on(handler.gone().wait());
}

TEST_F(Loopback, SharesItsPortWithOtherLoops) {
  listen_with({}, io::TcpListener::Sharing::Shared);
  auto again = listen(loop, server->endpoint(), io::TcpListener::Sharing::Shared);
  EXPECT_TRUE(again.has_value());
}

TEST_F(Loopback, SaysThatAnAddressIsInUse) {
  listen_with({}, io::TcpListener::Sharing::Exclusive);
  auto again = listen(loop, server->endpoint());
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().kind(), ErrorKind::Unavailable);
  EXPECT_THAT(again.error().to_string(), HasSubstr("address already in use"));
  EXPECT_THAT(again.error().to_string(), HasSubstr("already in use"));
}

TEST(Endpoint, IsResolvedFromText) {
  EXPECT_EQ(io::resolve_endpoint("127.0.0.1:80").value().to_string(), "127.0.0.1:80");
  EXPECT_EQ(io::resolve_endpoint("[::1]:80").value().to_string(), "[::1]:80");
  EXPECT_EQ(io::resolve_endpoint("localhost:0").value().address_string(), "127.0.0.1");
  for (auto* text :
       {"", ":", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "a:-1", "a:8x"}) {
    EXPECT_FALSE(io::resolve_endpoint(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace spindle::http
