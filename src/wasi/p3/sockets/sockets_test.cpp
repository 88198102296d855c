#include "wasi/p3/sockets/sockets.h"

#include <gtest/gtest.h>

#include "wasi/core/sockets/socket_address.h"
#include "wasi/core/sockets/test_peer.h"
#include "wasi/core/test_sources.h"

namespace spindle::wasi::p3 {
namespace {

using component::Future;
using component::Stream;

IpSocketAddress address_of(const io::Endpoint& endpoint) {
  return to_interface<IpSocketAddress>({.endpoint = endpoint});
}

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

template <typename Code>
SocketCode error() {
  return SocketCode{Code{}};
}

class SocketsP3 : public testing::Test {
 protected:
  std::unique_ptr<TcpSocket> tcp(IpAddressFamily family = IpAddressFamily::Ipv4) {
    return std::move(types_.tcp_socket_create(family).take_value().value());
  }
  std::unique_ptr<UdpSocket> udp() {
    return std::move(types_.udp_socket_create(IpAddressFamily::Ipv4).take_value().value());
  }
  template <typename T>
  T wait(io::Eventual<T> eventual) {
    return loop_.block_on(io::Eventual<T>::wait(std::move(eventual))).take_value();
  }
  SocketOutcome connect(TcpSocket& socket, const io::Endpoint& to) {
    return wait(types_.tcp_socket_connect(socket, address_of(to)));
  }
  std::unique_ptr<TcpSocket> connected() {
    auto socket = tcp();
    EXPECT_TRUE(connect(*socket, peer_.endpoint()).has_value());
    peer_.accept();
    return socket;
  }
  SocketOutcome outcome_of(Future<SocketOutcome>& future) {
    auto getting = future.get();
    return loop_.block_on(std::move(getting)).value();
  }
  // Up to `count` bytes, or the end.
  std::string read(Stream<uint8_t>& stream, size_t count) {
    std::string all;
    std::vector<uint8_t> buffer(3000);
    while (all.size() < count) {
      auto reading = stream.next(std::span(buffer).first(std::min(buffer.size(), count)));
      const auto step = loop_.block_on(std::move(reading));
      all.append(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(step.count));
      if (step.is_ended) break;
    }
    return all;
  }

  io::EventLoop loop_;
  GuestEnvironment guest_;
  ScriptedGate gate_;
  std::optional<InstanceState> instance_{std::in_place, loop_, guest_, gate_};
  SocketTypes types_{loop_, *instance_};
  TcpPeer peer_{loop_};
};

TEST_F(SocketsP3, ConnectsAndMovesBytesBothWays) {
  for (const auto how : {ScriptedBytes::How::Copy, ScriptedBytes::How::View}) {
    auto socket = connected();
    auto feed = std::make_shared<ByteFeed>(loop_);
    auto sent = types_.tcp_socket_send(*socket, ScriptedBytes::stream(feed, how)).take_value();
    auto [stream, received] = types_.tcp_socket_receive(*socket).take_value();
    feed->write("ping");
    EXPECT_EQ(peer_.hear(4), "ping");
    peer_.say("pong");
    EXPECT_EQ(read(stream, 4), "pong");
    // The streams hold the connection.
    socket.reset();
    feed->write("more");
    feed->close();
    EXPECT_EQ(peer_.hear(100), "more") << "and the end";
    EXPECT_TRUE(outcome_of(sent).has_value());
    peer_.say("last");
    peer_.stream->close();
    EXPECT_EQ(read(stream, 100), "last");
    EXPECT_TRUE(outcome_of(received).has_value());
    EXPECT_EQ(gate_.used(), 0);
  }
}

TEST_F(SocketsP3, SendsMoreThanTheSystemTakesAtOnce) {
  for (const auto how : {ScriptedBytes::How::Copy, ScriptedBytes::How::View}) {
    auto socket = connected();
    auto feed = std::make_shared<ByteFeed>(loop_);
    const size_t size = size_t{20} << 20;
    feed->write(std::string(size, 'x'));
    feed->close();
    auto sent = types_.tcp_socket_send(*socket, ScriptedBytes::stream(feed, how)).take_value();
    EXPECT_EQ(peer_.hear(size + 1).size(), size);
    EXPECT_TRUE(outcome_of(sent).has_value());
  }
}

TEST_F(SocketsP3, GivesItsStreamsOnceAndOnlyWhenConnected) {
  auto socket = tcp();
  auto early = types_.tcp_socket_send(*socket, Stream<uint8_t>::of({1})).take_value();
  EXPECT_EQ(outcome_of(early).error(), error<SocketCode::InvalidState>());
  auto [none, failed] = types_.tcp_socket_receive(*socket).take_value();
  EXPECT_EQ(read(none, 1), "");
  EXPECT_EQ(outcome_of(failed).error(), error<SocketCode::InvalidState>());
  socket = connected();
  auto first = types_.tcp_socket_receive(*socket).take_value();
  auto [again, refused] = types_.tcp_socket_receive(*socket).take_value();
  EXPECT_EQ(outcome_of(refused).error(), error<SocketCode::InvalidState>());
  auto sent = types_.tcp_socket_send(*socket, Stream<uint8_t>::of({'x'})).take_value();
  auto twice = types_.tcp_socket_send(*socket, Stream<uint8_t>::of({'y'})).take_value();
  EXPECT_EQ(outcome_of(twice).error(), error<SocketCode::InvalidState>());
  EXPECT_EQ(peer_.hear(10), "x");
}

TEST_F(SocketsP3, SaysHowAConnectionBroke) {
  auto socket = connected();
  auto [stream, received] = types_.tcp_socket_receive(*socket).take_value();
  auto feed = std::make_shared<ByteFeed>(loop_);
  auto sent = types_.tcp_socket_send(*socket, ScriptedBytes::stream(feed, ScriptedBytes::How::View))
                  .take_value();
  peer_.stream->abort();
  EXPECT_EQ(read(stream, 1), "");
  EXPECT_EQ(outcome_of(received).error(), error<SocketCode::ConnectionReset>());
  feed->write("into the void");
  EXPECT_EQ(outcome_of(sent).error(), error<SocketCode::ConnectionBroken>());
  EXPECT_TRUE(feed->is_dropped());
}

TEST_F(SocketsP3, AReceiverThatIsDroppedEndsWell) {
  auto socket = connected();
  auto [stream, received] = types_.tcp_socket_receive(*socket).take_value();
  stream = {};
  EXPECT_TRUE(outcome_of(received).has_value());
}

TEST_F(SocketsP3, SaysWhyAConnectionFailed) {
  const auto endpoint = peer_.endpoint();
  peer_.stop();
  auto socket = tcp();
  EXPECT_EQ(connect(*socket, endpoint).error(), error<SocketCode::ConnectionRefused>());
  EXPECT_EQ(connect(*socket, endpoint).error(), error<SocketCode::InvalidState>());
  EXPECT_EQ(connect(*tcp(), loopback(0)).error(), error<SocketCode::InvalidArgument>());
  EXPECT_EQ(gate_.used(), 0);
}

TEST_F(SocketsP3, AsksTheGate) {
  gate_.permits_all = false;
  EXPECT_EQ(connect(*tcp(), peer_.endpoint()).error(), error<SocketCode::AccessDenied>());
  EXPECT_EQ(gate_.asked.back(), "tcp " + peer_.endpoint().to_string());
  auto other = udp();
  EXPECT_EQ(types_.udp_socket_bind(*other, address_of(loopback())).take_value().error(),
            error<SocketCode::AccessDenied>());
  EXPECT_EQ(types_.udp_socket_connect(*other, address_of(loopback(5))).take_value().error(),
            error<SocketCode::AccessDenied>());
  EXPECT_EQ(wait(types_.udp_socket_send(*other, bytes_of("x"), address_of(loopback(6)))).error(),
            error<SocketCode::AccessDenied>());
  gate_.permits_all = true;
  EXPECT_EQ(types_.tcp_socket_bind(*tcp(), address_of(loopback())).take_value().error(),
            error<SocketCode::AccessDenied>());
  EXPECT_EQ(types_.tcp_socket_listen(*tcp()).take_value().error(),
            error<SocketCode::AccessDenied>());
  gate_.permits_max = 0;
  EXPECT_EQ(connect(*tcp(), peer_.endpoint()).error(),
            (SocketCode{SocketCode::Other{"new-socket-limit"}}));
}

TEST_F(SocketsP3, AnInstanceThatGoesLeavesNothing) {
  auto socket = connected();
  auto feed = std::make_shared<ByteFeed>(loop_);
  auto sent = types_.tcp_socket_send(*socket, ScriptedBytes::stream(feed, ScriptedBytes::How::View))
                  .take_value();
  loop_.poll();
  socket.reset();
  instance_.reset();
  loop_.poll();
  EXPECT_TRUE(feed->is_dropped());
  EXPECT_EQ(gate_.used(), 0);
}

TEST_F(SocketsP3, HasTheOptionsOfSockets) {
  auto socket = tcp(IpAddressFamily::Ipv6);
  EXPECT_EQ(types_.tcp_socket_get_address_family(*socket).value(), IpAddressFamily::Ipv6);
  EXPECT_FALSE(types_.tcp_socket_get_is_listening(*socket).value());
  EXPECT_EQ(types_.tcp_socket_set_hop_limit(*socket, 0).take_value().error(),
            error<SocketCode::InvalidArgument>());
  EXPECT_TRUE(types_.tcp_socket_set_hop_limit(*socket, 9).take_value().has_value());
  EXPECT_EQ(types_.tcp_socket_get_hop_limit(*socket).take_value(), 9);
  EXPECT_TRUE(types_.tcp_socket_set_keep_alive_enabled(*socket, true).take_value().has_value());
  EXPECT_EQ(types_.tcp_socket_get_keep_alive_enabled(*socket).take_value(), true);
  EXPECT_TRUE(types_.tcp_socket_set_keep_alive_count(*socket, 3).take_value().has_value());
  EXPECT_EQ(types_.tcp_socket_get_keep_alive_count(*socket).take_value(), 3U);
  EXPECT_TRUE(types_.tcp_socket_set_keep_alive_idle_time(*socket, 1).take_value().has_value());
  EXPECT_EQ(types_.tcp_socket_get_keep_alive_idle_time(*socket).take_value(), 1'000'000'000U);
  EXPECT_TRUE(types_.tcp_socket_set_keep_alive_interval(*socket, 1).take_value().has_value());
  EXPECT_EQ(types_.tcp_socket_get_keep_alive_interval(*socket).take_value(), 1'000'000'000U);
  EXPECT_TRUE(types_.tcp_socket_set_receive_buffer_size(*socket, 9000).take_value().has_value());
  EXPECT_EQ(types_.tcp_socket_get_receive_buffer_size(*socket).take_value(), 9000U);
  EXPECT_TRUE(types_.tcp_socket_set_send_buffer_size(*socket, 9000).take_value().has_value());
  EXPECT_EQ(types_.tcp_socket_get_send_buffer_size(*socket).take_value(), 9000U);
  EXPECT_EQ(types_.tcp_socket_set_listen_backlog_size(*socket, 0).take_value().error(),
            error<SocketCode::InvalidArgument>());
  EXPECT_EQ(types_.tcp_socket_get_local_address(*socket).take_value().error(),
            error<SocketCode::InvalidState>());
  auto datagrams = udp();
  EXPECT_TRUE(types_.udp_socket_set_unicast_hop_limit(*datagrams, 9).take_value().has_value());
  EXPECT_EQ(types_.udp_socket_get_unicast_hop_limit(*datagrams).take_value(), 9);
  EXPECT_TRUE(types_.udp_socket_set_receive_buffer_size(*datagrams, 9000).take_value().has_value());
  EXPECT_EQ(types_.udp_socket_get_receive_buffer_size(*datagrams).take_value(), 9000U);
  EXPECT_TRUE(types_.udp_socket_set_send_buffer_size(*datagrams, 9000).take_value().has_value());
  EXPECT_EQ(types_.udp_socket_get_send_buffer_size(*datagrams).take_value(), 9000U);
}

TEST_F(SocketsP3, SendsAndReceivesDatagrams) {
  UdpPeer other(loop_);
  auto socket = udp();
  EXPECT_EQ(types_.udp_socket_get_local_address(*socket).take_value().error(),
            error<SocketCode::InvalidState>());
  EXPECT_EQ(wait(types_.udp_socket_receive(*socket)).error(), error<SocketCode::InvalidState>());
  EXPECT_EQ(wait(types_.udp_socket_send(*socket, bytes_of("x"), std::nullopt)).error(),
            error<SocketCode::InvalidArgument>());
  const auto to = address_of(other.address().endpoint);
  EXPECT_TRUE(wait(types_.udp_socket_send(*socket, bytes_of("hello"), to)).has_value());
  EXPECT_EQ(other.receive(), "hello");
  auto receiving = types_.udp_socket_receive(*socket);
  EXPECT_FALSE(receiving.is_ready());
  other.send("back", other.from);
  auto [data, from] = wait(std::move(receiving)).value();
  EXPECT_EQ(std::string(data.begin(), data.end()), "back");
  EXPECT_EQ(from, to);
  // Connected, to one after the other.
  UdpPeer third(loop_);
  for (auto* peer : {&other, &third}) {
    const auto remote = address_of(peer->address().endpoint);
    EXPECT_TRUE(types_.udp_socket_connect(*socket, remote).take_value().has_value());
    EXPECT_EQ(types_.udp_socket_get_remote_address(*socket).take_value(), remote);
    EXPECT_TRUE(wait(types_.udp_socket_send(*socket, bytes_of("you"), std::nullopt)).has_value());
    EXPECT_EQ(peer->receive(), "you");
  }
  EXPECT_EQ(wait(types_.udp_socket_send(*socket, bytes_of("x"), to)).error(),
            error<SocketCode::InvalidArgument>());
  EXPECT_TRUE(types_.udp_socket_disconnect(*socket).take_value().has_value());
  EXPECT_EQ(types_.udp_socket_disconnect(*socket).take_value().error(),
            error<SocketCode::InvalidState>());
  EXPECT_TRUE(wait(types_.udp_socket_send(*socket, bytes_of("again"), to)).has_value());
  EXPECT_EQ(other.receive(), "again");
}

TEST_F(SocketsP3, LooksUpLiterals) {
  IpNameLookup lookup(*instance_);
  using Code = sockets::ip_name_lookup::ErrorCode;
  EXPECT_EQ(wait(lookup.resolve_addresses("127.0.0.1")).value(),
            std::vector{to_interface_ip<sockets::types::IpAddress>(loopback())});
  EXPECT_EQ(wait(lookup.resolve_addresses("example.com")).error(),
            Code{Code::PermanentResolverFailure{}});
  gate_.opens = false;
  EXPECT_EQ(wait(lookup.resolve_addresses("127.0.0.1")).error(), Code{Code::AccessDenied{}});
}

}  // namespace
}  // namespace spindle::wasi::p3
