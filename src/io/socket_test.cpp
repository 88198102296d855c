#include "io/socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <vector>

#include "io/tcp.h"

namespace spindle::io {
namespace {

SocketAddress loopback(uint16_t port = 0) {
  return {.endpoint = {.family = Endpoint::Family::V4, .address = {127, 0, 0, 1}, .port = port}};
}

std::unique_ptr<IpSocket> make(EventLoop& loop, Transport transport) {
  return std::move(*IpSocket::create(loop, Endpoint::Family::V4, transport));
}

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

TEST(IpSocket, ConnectsReadsAndWritesInSteps) {
  EventLoop loop;
  auto listener = TcpListener::create(loop, loopback().endpoint).take_value();
  auto socket = make(loop, Transport::Tcp);
  ASSERT_TRUE(socket->connect({.endpoint = listener->endpoint()}).has_value());
  loop.block_on(socket->writable());
  EXPECT_EQ(socket->take_error(), 0);
  auto peer = loop.block_on(listener->accept()).take_value();
  EXPECT_EQ(socket->local_address()->endpoint, peer->peer());
  EXPECT_EQ(socket->remote_address()->endpoint, listener->endpoint());

  std::vector<uint8_t> buffer(100);
  EXPECT_FALSE(socket->is_readable());
  EXPECT_EQ(socket->read(buffer).error(), EAGAIN);
  EXPECT_TRUE(loop.block_on(write_all(*peer, bytes_of("hello"))).has_value());
  loop.block_on(socket->readable());
  EXPECT_TRUE(socket->is_readable());
  EXPECT_EQ(socket->read(buffer), 5U);
  EXPECT_EQ(socket->write(bytes_of("back")), 4U);
  EXPECT_TRUE(socket->shutdown(IpSocket::Direction::Send).has_value());
  EXPECT_EQ(socket->write(bytes_of("late")).error(), EPIPE);
  peer->shutdown_write();
  loop.block_on(socket->readable());
  EXPECT_EQ(socket->read(buffer), 0U);
}

TEST(IpSocket, TellsWhyAConnectionFailed) {
  EventLoop loop;
  const auto free = find_free_endpoint(loop, loopback().endpoint).take_value();
  auto socket = make(loop, Transport::Tcp);
  ASSERT_TRUE(socket->connect({.endpoint = free}).has_value());
  loop.block_on(socket->writable());
  EXPECT_EQ(socket->take_error(), ECONNREFUSED);
  EXPECT_EQ(socket->take_error(), 0);
  EXPECT_EQ(socket->remote_address().error(), ENOTCONN);
}

TEST(IpSocket, SendsDatagrams) {
  EventLoop loop;
  auto one = make(loop, Transport::Udp);
  auto two = make(loop, Transport::Udp);
  ASSERT_TRUE(one->bind(loopback()).has_value());
  ASSERT_TRUE(two->bind(loopback()).has_value());
  const auto to = *two->local_address();
  EXPECT_EQ(one->send(bytes_of("hello"), &to), 5U);
  loop.block_on(two->readable());
  std::vector<uint8_t> buffer(3);
  const auto received = two->receive(buffer);
  EXPECT_EQ(received->size, 3U) << "what does not fit is lost";
  EXPECT_EQ(received->from, *one->local_address());
  EXPECT_EQ(two->receive(buffer).error(), EAGAIN);
  ASSERT_TRUE(one->connect(to).has_value());
  EXPECT_EQ(one->send(bytes_of("again"), nullptr), 5U);
  ASSERT_TRUE(one->disconnect().has_value());
  EXPECT_EQ(one->send(bytes_of("again"), nullptr).error(), EDESTADDRREQ);
}

TEST(IpSocket, AWaitThatIsCanceledLeavesTheSocketUsable) {
  EventLoop loop;
  auto socket = make(loop, Transport::Udp);
  ASSERT_TRUE(socket->bind(loopback()).has_value());
  TaskGroup group(loop);
  group.spawn(socket->readable());
  loop.poll();
  group.cancel();
  loop.block_on(group.drained());
  const auto own = *socket->local_address();
  EXPECT_EQ(socket->send(bytes_of("x"), &own), 1U);
  loop.block_on(socket->readable());
  EXPECT_TRUE(socket->is_readable());
}

TEST(IpSocket, KeepsAddressesOfIpv6) {
  EventLoop loop;
  auto socket = std::move(*IpSocket::create(loop, Endpoint::Family::V6, Transport::Udp));
  SocketAddress address{.endpoint = *parse_ip_literal("::1")};
  if (!socket->bind(address)) GTEST_SKIP() << "this machine has no IPv6";
  auto bound = *socket->local_address();
  EXPECT_NE(bound.endpoint.port, 0);
  bound.endpoint.port = 0;
  EXPECT_EQ(bound, address);
}

TEST(IpLiterals, AreParsedStrictly) {
  const std::pair<std::string_view, std::string_view> good[] = {
      {"1.2.3.4", "1.2.3.4"}, {"::", "::"}, {"2001:db8::1", "2001:db8::1"}};
  for (const auto& [text, address] : good) {
    ASSERT_TRUE(parse_ip_literal(text).has_value()) << text;
    EXPECT_EQ(parse_ip_literal(text)->address_string(), address);
  }
  const std::string with_nul("1.2.3.4\0", 8);
  const std::string many(1000, ':');
  for (const std::string_view text :
       {std::string_view(""), std::string_view("1.2.3"), std::string_view("1.2.3.4.5"),
        std::string_view("01.2.3.4"), std::string_view("[::1]"), std::string_view("localhost"),
        std::string_view(with_nul), std::string_view(many)}) {
    EXPECT_FALSE(parse_ip_literal(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace spindle::io
