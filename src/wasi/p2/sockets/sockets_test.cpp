#include "wasi/p2/sockets/sockets.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>

#include "wasi/core/fd.h"
#include "wasi/core/sockets/socket_address.h"
#include "wasi/core/sockets/test_peer.h"
#include "wasi/p2/io/io.h"

namespace spindle::wasi::p2 {
namespace {

using sockets::network::ErrorCode;
using sockets::tcp::ShutdownType;
using sockets::udp::OutgoingDatagramView;

IpSocketAddress address_of(const io::Endpoint& endpoint) {
  return to_interface<IpSocketAddress>({.endpoint = endpoint});
}

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

class SocketsP2 : public testing::Test {
 protected:
  std::unique_ptr<TcpSocket> tcp(IpAddressFamily family = IpAddressFamily::Ipv4) {
    return std::move(hosts_.tcp_create_socket.create_tcp_socket(family).take_value().value());
  }
  std::unique_ptr<UdpSocket> udp(IpAddressFamily family = IpAddressFamily::Ipv4) {
    return std::move(hosts_.udp_create_socket.create_udp_socket(family).take_value().value());
  }
  template <typename T>
  std::optional<ErrorCode> code(SocketAnswer<T> answer) {
    auto inner = answer.take_value();
    return inner ? std::nullopt : std::optional(inner.error());
  }
  std::optional<ErrorCode> start(TcpSocket& socket, const io::Endpoint& to) {
    return code(hosts_.tcp.tcp_socket_start_connect(socket, network_, address_of(to)));
  }
  // Waits as a guest does.
  void block(std::unique_ptr<Pollable> pollable) {
    auto blocking = pollable->block();
    loop_.block_on(io::Eventual<void>::wait(std::move(blocking))).take_value();
  }
  std::expected<TcpHost::Streams, ErrorCode> finish(TcpSocket& socket) {
    block(hosts_.tcp.tcp_socket_subscribe(socket).take_value());
    return hosts_.tcp.tcp_socket_finish_connect(socket).take_value();
  }
  void connect(TcpSocket& socket) {
    EXPECT_EQ(start(socket, peer_.endpoint()), std::nullopt);
    auto streams = finish(socket);
    ASSERT_TRUE(streams.has_value());
    std::tie(input_, output_) = std::move(*streams);
    peer_.accept();
  }
  std::string read(uint64_t length) {
    auto reading = input_->blocking_read(length);
    auto bytes =
        loop_.block_on(io::Eventual<Streamed<Bytes>>::wait(std::move(reading))).take_value();
    if (!bytes)
      return bytes.error().is_closed() ? "closed" : bytes.error().error->to_debug_string();
    return {bytes->begin(), bytes->end()};
  }
  std::string write(std::string_view text) {
    auto writing = output_->blocking_write_and_flush(bytes_of(text));
    auto done = loop_.block_on(io::Eventual<Streamed<void>>::wait(std::move(writing))).take_value();
    if (!done) return done.error().is_closed() ? "closed" : done.error().error->to_debug_string();
    return "written";
  }

  io::EventLoop loop_;
  GuestEnvironment guest_;
  ScriptedGate gate_;
  InstanceState instance_{loop_, guest_, gate_};
  SocketHosts hosts_{loop_, instance_};
  Network network_;
  TcpPeer peer_{loop_};
  // Of connect(); streams go before their socket.
  std::unique_ptr<InputStream> input_;
  std::unique_ptr<OutputStream> output_;
};

TEST_F(SocketsP2, ConnectsAndMovesBytesBothWays) {
  auto socket = tcp();
  connect(*socket);
  EXPECT_EQ(gate_.asked, std::vector{"tcp " + peer_.endpoint().to_string()});
  EXPECT_EQ(write("ping"), "written");
  EXPECT_EQ(peer_.hear(4), "ping");
  EXPECT_EQ(input_->read(100).take_value()->size(), 0U);
  EXPECT_FALSE(input_->is_ready());
  peer_.say("pong");
  EXPECT_EQ(read(2), "po");
  EXPECT_EQ(read(100), "ng");
  peer_.stream->shutdown_write();
  EXPECT_EQ(read(100), "closed");
  EXPECT_EQ(read(100), "closed");
  EXPECT_EQ(write("still"), "written");
  EXPECT_EQ(peer_.hear(5), "still");
  EXPECT_EQ(hosts_.tcp.tcp_socket_remote_address(*socket).take_value().value(),
            address_of(peer_.endpoint()));
  EXPECT_EQ(hosts_.tcp.tcp_socket_local_address(*socket).take_value().value(),
            address_of(peer_.stream->peer()));
}

TEST_F(SocketsP2, FollowsTheStatesOfAConnection) {
  auto socket = tcp();
  auto& host = hosts_.tcp;
  EXPECT_EQ(code(host.tcp_socket_finish_connect(*socket)), ErrorCode::NotInProgress);
  EXPECT_EQ(code(host.tcp_socket_local_address(*socket)), ErrorCode::InvalidState);
  EXPECT_EQ(code(host.tcp_socket_remote_address(*socket)), ErrorCode::InvalidState);
  EXPECT_EQ(code(host.tcp_socket_shutdown(*socket, ShutdownType::Both)), ErrorCode::InvalidState);
  EXPECT_TRUE(socket->is_ready());
  ASSERT_EQ(start(*socket, peer_.endpoint()), std::nullopt);
  EXPECT_EQ(start(*socket, peer_.endpoint()), ErrorCode::ConcurrencyConflict);
  EXPECT_EQ(code(host.tcp_socket_start_bind(*socket, network_, address_of(loopback()))),
            ErrorCode::ConcurrencyConflict);
  EXPECT_EQ(code(host.tcp_socket_start_listen(*socket)), ErrorCode::ConcurrencyConflict);
  EXPECT_EQ(code(host.tcp_socket_hop_limit(*socket)), ErrorCode::InvalidState);
  auto streams = finish(*socket);
  ASSERT_TRUE(streams.has_value());
  EXPECT_EQ(code(host.tcp_socket_finish_connect(*socket)), ErrorCode::NotInProgress);
  EXPECT_EQ(start(*socket, peer_.endpoint()), ErrorCode::InvalidState);
  EXPECT_EQ(code(host.tcp_socket_accept(*socket)), ErrorCode::InvalidState);
  EXPECT_EQ(code(host.tcp_socket_set_listen_backlog_size(*socket, 1)), ErrorCode::InvalidState);
  EXPECT_FALSE(socket->before_guest_drop().has_value()) << "its streams live";
  streams = std::unexpected(ErrorCode::Unknown);
  EXPECT_TRUE(socket->before_guest_drop().has_value());
}

TEST_F(SocketsP2, WouldBlockWhileAConnectionIsUnderWay) {
  // A server whose backlog is full does not answer.
  const wasi::Fd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* pointer = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(server.number(), pointer, length), 0);
  ASSERT_EQ(::listen(server.number(), 0), 0);
  ASSERT_EQ(::getsockname(server.number(), pointer, &length), 0);
  std::vector<std::unique_ptr<TcpSocket>> sockets;
  std::optional<ErrorCode> outcome;
  while (outcome != ErrorCode::WouldBlock && sockets.size() < 10) {
    sockets.push_back(tcp());
    ASSERT_EQ(start(*sockets.back(), loopback(ntohs(address.sin_port))), std::nullopt);
    outcome = code(hosts_.tcp.tcp_socket_finish_connect(*sockets.back()));
  }
  EXPECT_EQ(outcome, ErrorCode::WouldBlock);
  EXPECT_FALSE(sockets.back()->is_ready());
  EXPECT_EQ(start(*sockets.back(), peer_.endpoint()), ErrorCode::ConcurrencyConflict);
  sockets.clear();
  loop_.poll();
  EXPECT_EQ(gate_.used(), 0) << "an attempt that is dropped leaves nothing";
}

TEST_F(SocketsP2, SaysWhyAConnectionFailed) {
  auto endpoint = peer_.endpoint();
  peer_.stop();
  auto socket = tcp();
  ASSERT_EQ(start(*socket, endpoint), std::nullopt);
  auto streams = finish(*socket);
  ASSERT_FALSE(streams.has_value());
  EXPECT_EQ(streams.error(), ErrorCode::ConnectionRefused);
  EXPECT_EQ(start(*socket, endpoint), ErrorCode::InvalidState);
  EXPECT_EQ(code(hosts_.tcp.tcp_socket_finish_connect(*socket)), ErrorCode::NotInProgress);
  EXPECT_EQ(code(hosts_.tcp.tcp_socket_local_address(*socket)), ErrorCode::ConnectionRefused);
  EXPECT_EQ(gate_.used(), 0) << "a connection that failed does not count";
}

TEST_F(SocketsP2, RefusesAddressesThatCannotBeConnectedTo) {
  const std::pair<std::string_view, uint16_t> v4[] = {
      {"0.0.0.0", 80}, {"127.0.0.1", 0}, {"224.0.0.1", 80}, {"255.255.255.255", 80}, {"::1", 80}};
  for (const auto& [address, port] : v4) {
    auto endpoint = *io::parse_ip_literal(address);
    endpoint.port = port;
    EXPECT_EQ(start(*tcp(), endpoint), ErrorCode::InvalidArgument) << address;
  }
  auto mapped = *io::parse_ip_literal("::ffff:127.0.0.1");
  mapped.port = 80;
  EXPECT_EQ(start(*tcp(IpAddressFamily::Ipv6), mapped), ErrorCode::InvalidArgument);
  EXPECT_TRUE(gate_.asked.empty());
}

TEST_F(SocketsP2, AsksTheGate) {
  gate_.permits_all = false;
  auto socket = tcp();
  EXPECT_EQ(start(*socket, peer_.endpoint()), ErrorCode::AccessDenied);
  EXPECT_EQ(code(hosts_.tcp.tcp_socket_finish_connect(*socket)), ErrorCode::NotInProgress);
  gate_.permits_all = true;
  EXPECT_EQ(code(hosts_.tcp.tcp_socket_start_bind(*socket, network_, address_of(loopback()))),
            ErrorCode::AccessDenied);
  EXPECT_EQ(code(hosts_.tcp.tcp_socket_start_listen(*socket)), ErrorCode::InvalidState);
  EXPECT_EQ(code(hosts_.tcp.tcp_socket_finish_bind(*socket)), ErrorCode::NotInProgress);
  EXPECT_EQ(code(hosts_.tcp.tcp_socket_finish_listen(*socket)), ErrorCode::NotInProgress);
}

TEST_F(SocketsP2, CountsConnectionsUntilTheirSocketIsGone) {
  gate_.permits_max = 1;
  auto socket = tcp();
  auto other = tcp();
  connect(*socket);
  EXPECT_EQ(gate_.used(), 1);
  EXPECT_EQ(start(*other, peer_.endpoint()), ErrorCode::NewSocketLimit);
  EXPECT_EQ(code(hosts_.udp_create_socket.create_udp_socket(IpAddressFamily::Ipv4)),
            ErrorCode::NewSocketLimit);
  input_.reset();
  output_.reset();
  EXPECT_EQ(gate_.used(), 1);
  socket.reset();
  EXPECT_EQ(gate_.used(), 0);
  EXPECT_EQ(start(*other, peer_.endpoint()), std::nullopt);
}

TEST_F(SocketsP2, SocketsCountAsDescriptors) {
  guest_.descriptors_max = 2;
  InstanceState instance(loop_, guest_, gate_);
  SocketHosts hosts(loop_, instance);
  auto one = hosts.tcp_create_socket.create_tcp_socket(IpAddressFamily::Ipv4).take_value();
  auto two = hosts.udp_create_socket.create_udp_socket(IpAddressFamily::Ipv4).take_value();
  EXPECT_TRUE(one && two);
  EXPECT_EQ(code(hosts.tcp_create_socket.create_tcp_socket(IpAddressFamily::Ipv4)),
            ErrorCode::NewSocketLimit);
  two->reset();
  EXPECT_EQ(code(hosts.tcp_create_socket.create_tcp_socket(IpAddressFamily::Ipv4)), std::nullopt);
}

TEST_F(SocketsP2, KeepsWhatThePeerDoesNotTakeAndSendsItLater) {
  auto socket = tcp();
  connect(*socket);
  const std::string chunk(65536, 'x');
  size_t written = 0;
  while (output_->check_write().take_value().value() > 0) {
    ASSERT_TRUE(output_->write(bytes_of(chunk)).take_value().has_value());
    written += chunk.size();
    ASSERT_LT(written, size_t{100} << 20);
  }
  EXPECT_FALSE(output_->is_ready());
  EXPECT_TRUE(output_->flush().take_value().has_value());
  EXPECT_FALSE(output_->write(bytes_of("more")).has_value()) << "more than check-write permits";
  // Nobody asks the stream any more: it goes on in the background, and closes behind it.
  EXPECT_EQ(code(hosts_.tcp.tcp_socket_shutdown(*socket, ShutdownType::Send)), std::nullopt);
  EXPECT_EQ(peer_.hear(written + 1).size(), written);
  EXPECT_EQ(write("late"), "closed");
}

TEST_F(SocketsP2, AWriterWaitsForRoom) {
  auto socket = tcp();
  connect(*socket);
  const std::string chunk(65536, 'x');
  size_t written = 0;
  while (output_->check_write().take_value().value() > 0) {
    (void)output_->write(bytes_of(chunk));
    written += chunk.size();
  }
  io::TaskGroup reader(loop_);
  auto hear_all = [](TcpPeer& peer, size_t count) -> io::Task<void> {
    std::vector<uint8_t> buffer(65536);
    while (count > 0) {
      auto reading = peer.stream->read_some(buffer);
      auto read = co_await std::move(reading);
      count -= read.value();
    }
  };
  reader.spawn(hear_all(peer_, written + 4));
  EXPECT_EQ(write("last"), "written");
  loop_.block_on(reader.drained());
}

TEST_F(SocketsP2, ShutsDownEachDirection) {
  auto socket = tcp();
  connect(*socket);
  peer_.say("unread");
  EXPECT_EQ(code(hosts_.tcp.tcp_socket_shutdown(*socket, ShutdownType::Receive)), std::nullopt);
  EXPECT_EQ(read(10), "closed");
  EXPECT_EQ(write("on"), "written");
  EXPECT_EQ(code(hosts_.tcp.tcp_socket_shutdown(*socket, ShutdownType::Send)), std::nullopt);
  EXPECT_EQ(write("off"), "closed");
  EXPECT_EQ(peer_.hear(10), "on");
}

TEST_F(SocketsP2, SaysOnceWhyAConnectionBroke) {
  auto socket = tcp();
  connect(*socket);
  peer_.stream->abort();
  EXPECT_EQ(read(10), "connection-reset");
  EXPECT_EQ(read(10), "closed");
  EXPECT_EQ(write("into the void"), "closed");
}

TEST_F(SocketsP2, AnInstanceThatGoesLeavesNothing) {
  auto instance = std::make_unique<InstanceState>(loop_, guest_, gate_);
  auto hosts = std::make_unique<SocketHosts>(loop_, *instance);
  auto socket = hosts->tcp_create_socket.create_tcp_socket(IpAddressFamily::Ipv4).take_value();
  EXPECT_EQ(start(**socket, peer_.endpoint()), std::nullopt);
  block(hosts->tcp.tcp_socket_subscribe(**socket).take_value());
  auto streams = hosts->tcp.tcp_socket_finish_connect(**socket).take_value();
  peer_.accept();
  auto& output = *std::get<1>(*streams);
  const std::string chunk(65536, 'x');
  while (output.check_write().take_value().value() > 0) (void)output.write(bytes_of(chunk));
  EXPECT_FALSE(std::get<0>(*streams)->is_ready());
  streams = std::unexpected(ErrorCode::Unknown);
  socket->reset();
  hosts.reset();
  instance.reset();
  loop_.poll();
  EXPECT_EQ(gate_.used(), 0);
}

TEST_F(SocketsP2, HasTheOptionsOfSockets) {
  auto socket = tcp();
  auto& host = hosts_.tcp;
  EXPECT_EQ(host.tcp_socket_address_family(*socket).value(), IpAddressFamily::Ipv4);
  EXPECT_FALSE(host.tcp_socket_is_listening(*socket).value());
  const std::function<SocketAnswer<void>(uint64_t)> setters[] = {
      [&](uint64_t v) { return host.tcp_socket_set_keep_alive_idle_time(*socket, v); },
      [&](uint64_t v) { return host.tcp_socket_set_keep_alive_interval(*socket, v); },
      [&](uint64_t v) { return host.tcp_socket_set_keep_alive_count(*socket, uint32_t(v)); },
      [&](uint64_t v) { return host.tcp_socket_set_hop_limit(*socket, uint8_t(v)); },
      [&](uint64_t v) { return host.tcp_socket_set_receive_buffer_size(*socket, v); },
      [&](uint64_t v) { return host.tcp_socket_set_send_buffer_size(*socket, v); },
      [&](uint64_t v) { return host.tcp_socket_set_listen_backlog_size(*socket, v); },
  };
  for (const auto& set : setters) {
    EXPECT_EQ(code(set(0)), ErrorCode::InvalidArgument);
    EXPECT_EQ(code(set(100)), std::nullopt);
  }
  EXPECT_EQ(code(host.tcp_socket_set_keep_alive_enabled(*socket, true)), std::nullopt);
  EXPECT_EQ(host.tcp_socket_keep_alive_enabled(*socket).take_value(), true);
  EXPECT_EQ(host.tcp_socket_keep_alive_idle_time(*socket).take_value(), 1'000'000'000U);
  EXPECT_EQ(host.tcp_socket_keep_alive_interval(*socket).take_value(), 1'000'000'000U);
  EXPECT_EQ(host.tcp_socket_keep_alive_count(*socket).take_value(), 100U);
  EXPECT_EQ(host.tcp_socket_hop_limit(*socket).take_value(), 100);
  EXPECT_GT(host.tcp_socket_receive_buffer_size(*socket).take_value().value(), 0U);
  EXPECT_GT(host.tcp_socket_send_buffer_size(*socket).take_value().value(), 0U);
}

class DatagramsP2 : public SocketsP2 {
 protected:
  std::unique_ptr<UdpSocket> bound() {
    auto socket = udp();
    EXPECT_EQ(code(bind(*socket)), std::nullopt);
    EXPECT_EQ(code(hosts_.udp.udp_socket_finish_bind(*socket)), std::nullopt);
    return socket;
  }
  SocketAnswer<void> bind(UdpSocket& socket) {
    return hosts_.udp.udp_socket_start_bind(socket, network_, address_of(loopback()));
  }
  SocketAnswer<UdpHost::Streams> stream(UdpSocket& socket, std::optional<io::Endpoint> to = {}) {
    std::optional<IpSocketAddress> address;
    if (to) address = address_of(*to);
    return hosts_.udp.udp_socket_stream(socket, address);
  }
  void open(UdpSocket& socket, std::optional<io::Endpoint> to = {}) {
    std::tie(incoming_, outgoing_) = std::move(stream(socket, to).take_value().value());
  }
  SocketAnswer<uint64_t> send(std::vector<std::string_view> texts,
                              std::optional<io::Endpoint> to = {}) {
    std::vector<OutgoingDatagramView> datagrams;
    for (const auto text : texts) {
      datagrams.push_back({bytes_of(text), std::nullopt});
      if (to) datagrams.back().remote_address = address_of(*to);
    }
    (void)hosts_.udp.outgoing_datagram_stream_check_send(*outgoing_);
    return hosts_.udp.outgoing_datagram_stream_send(*outgoing_, datagrams);
  }

  UdpPeer other_{loop_};
  std::unique_ptr<IncomingDatagramStream> incoming_;
  std::unique_ptr<OutgoingDatagramStream> outgoing_;
};

TEST_F(DatagramsP2, GoBothWays) {
  auto socket = bound();
  open(*socket);
  EXPECT_EQ(send({"one", "two"}, other_.address().endpoint).take_value(), 2U);
  EXPECT_EQ(other_.receive(), "one");
  EXPECT_EQ(other_.receive(), "two");
  EXPECT_FALSE(incoming_->is_ready());
  EXPECT_TRUE(
      hosts_.udp.incoming_datagram_stream_receive(*incoming_, 9).take_value().value().empty());
  for (int i = 0; i < 20; ++i) other_.send("back", other_.from);
  block(hosts_.udp.incoming_datagram_stream_subscribe(*incoming_).take_value());
  EXPECT_TRUE(
      hosts_.udp.incoming_datagram_stream_receive(*incoming_, 0).take_value().value().empty());
  auto received =
      hosts_.udp.incoming_datagram_stream_receive(*incoming_, ~uint64_t{0}).take_value().value();
  ASSERT_EQ(received.size(), kDatagramsMax);
  EXPECT_EQ(received[0].data, Bytes({'b', 'a', 'c', 'k'}));
  EXPECT_EQ(received[0].remote_address, address_of(other_.address().endpoint));
}

TEST_F(DatagramsP2, FollowTheStatesOfASocket) {
  auto socket = udp();
  auto& host = hosts_.udp;
  EXPECT_EQ(code(stream(*socket)), ErrorCode::InvalidState) << "not bound";
  EXPECT_EQ(code(host.udp_socket_finish_bind(*socket)), ErrorCode::NotInProgress);
  EXPECT_EQ(code(host.udp_socket_local_address(*socket)), ErrorCode::InvalidState);
  EXPECT_EQ(code(bind(*socket)), std::nullopt);
  EXPECT_EQ(code(bind(*socket)), ErrorCode::ConcurrencyConflict);
  EXPECT_EQ(code(host.udp_socket_finish_bind(*socket)), std::nullopt);
  EXPECT_EQ(code(bind(*socket)), ErrorCode::InvalidState);
  EXPECT_EQ(code(host.udp_socket_remote_address(*socket)), ErrorCode::InvalidState);
  open(*socket, other_.address().endpoint);
  EXPECT_EQ(host.udp_socket_remote_address(*socket).take_value().value(),
            address_of(other_.address().endpoint));
  EXPECT_FALSE(stream(*socket).has_value()) << "a trap: the old streams live";
  EXPECT_FALSE(socket->before_guest_drop().has_value());
  incoming_.reset();
  outgoing_.reset();
  open(*socket);
  EXPECT_EQ(code(host.udp_socket_remote_address(*socket)), ErrorCode::InvalidState);
}

TEST_F(DatagramsP2, GoToThePeerOfAConnectedSocketOnly) {
  UdpPeer stranger(loop_);
  auto socket = bound();
  EXPECT_EQ(code(stream(*socket, loopback(0))), ErrorCode::InvalidArgument);
  // What came before the connection is not heard after it.
  const auto local =
      from_interface(hosts_.udp.udp_socket_local_address(*socket).take_value().value());
  stranger.send("stranger", local);
  open(*socket, other_.address().endpoint);
  EXPECT_EQ(send({"to the peer"}).take_value(), 1U);
  EXPECT_EQ(other_.receive(), "to the peer");
  EXPECT_EQ(code(send({"elsewhere"}, stranger.address().endpoint)), ErrorCode::InvalidArgument);
  EXPECT_EQ(send({"same"}, other_.address().endpoint).take_value(), 1U);
  EXPECT_EQ(other_.receive(), "same");
  other_.send("answer", other_.from);
  block(hosts_.udp.incoming_datagram_stream_subscribe(*incoming_).take_value());
  auto received = hosts_.udp.incoming_datagram_stream_receive(*incoming_, 10).take_value().value();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].data.size(), 6U);
}

TEST_F(DatagramsP2, NeedAPermittedTarget) {
  auto socket = bound();
  open(*socket);
  EXPECT_EQ(code(send({"nowhere"})), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(send({"port 0"}, loopback(0))), ErrorCode::InvalidArgument);
  const std::string big(65536, 'x');
  EXPECT_EQ(code(send({big}, other_.address().endpoint)), ErrorCode::DatagramTooLarge);
  EXPECT_EQ(send({"ok", big}, other_.address().endpoint).take_value(), 1U);
  gate_.permits_all = false;
  UdpPeer stranger(loop_);
  EXPECT_EQ(code(send({"denied"}, stranger.address().endpoint)), ErrorCode::AccessDenied);
  EXPECT_EQ(gate_.asked.back(), "udp " + stranger.address().endpoint.to_string());
  auto unbound = udp();
  EXPECT_EQ(code(bind(*unbound)), ErrorCode::AccessDenied);
}

TEST_F(DatagramsP2, NeedAPermittedSend) {
  auto socket = bound();
  open(*socket);
  const std::vector<OutgoingDatagramView> none;
  EXPECT_EQ(hosts_.udp.outgoing_datagram_stream_send(*outgoing_, none).take_value(), 0U);
  const OutgoingDatagramView one{bytes_of("x"), address_of(other_.address().endpoint)};
  EXPECT_FALSE(hosts_.udp.outgoing_datagram_stream_send(*outgoing_, {one}).has_value());
  EXPECT_EQ(hosts_.udp.outgoing_datagram_stream_check_send(*outgoing_).take_value(), kDatagramsMax);
  EXPECT_EQ(hosts_.udp.outgoing_datagram_stream_send(*outgoing_, {one}).take_value(), 1U);
  EXPECT_FALSE(hosts_.udp.outgoing_datagram_stream_send(*outgoing_, {one}).has_value());
  (void)hosts_.udp.outgoing_datagram_stream_check_send(*outgoing_);
  const std::vector<OutgoingDatagramView> many(kDatagramsMax + 1, one);
  EXPECT_FALSE(hosts_.udp.outgoing_datagram_stream_send(*outgoing_, many).has_value());
}

TEST_F(DatagramsP2, HaveTheOptionsOfSockets) {
  auto socket = udp(IpAddressFamily::Ipv6);
  auto& host = hosts_.udp;
  EXPECT_EQ(host.udp_socket_address_family(*socket).value(), IpAddressFamily::Ipv6);
  EXPECT_EQ(code(host.udp_socket_set_unicast_hop_limit(*socket, 0)), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(host.udp_socket_set_unicast_hop_limit(*socket, 7)), std::nullopt);
  EXPECT_EQ(host.udp_socket_unicast_hop_limit(*socket).take_value(), 7);
  EXPECT_EQ(code(host.udp_socket_set_receive_buffer_size(*socket, 0)), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(host.udp_socket_set_send_buffer_size(*socket, 10000)), std::nullopt);
  EXPECT_EQ(host.udp_socket_send_buffer_size(*socket).take_value(), 10000U);
  EXPECT_GT(host.udp_socket_receive_buffer_size(*socket).take_value().value(), 0U);
  EXPECT_TRUE(host.udp_socket_subscribe(*socket).take_value()->is_ready());
}

TEST_F(SocketsP2, LooksUpLiterals) {
  auto stream = std::move(
      hosts_.ip_name_lookup.resolve_addresses(network_, "127.0.0.1").take_value().value());
  auto next = [&] {
    return hosts_.ip_name_lookup.resolve_address_stream_resolve_next_address(*stream)
        .take_value()
        .value();
  };
  EXPECT_TRUE(
      hosts_.ip_name_lookup.resolve_address_stream_subscribe(*stream).take_value()->is_ready());
  EXPECT_EQ(next(), to_interface_ip<sockets::network::IpAddress>(loopback()));
  EXPECT_EQ(next(), std::nullopt);
  EXPECT_EQ(next(), std::nullopt);
  EXPECT_EQ(code(hosts_.ip_name_lookup.resolve_addresses(network_, "example.com")),
            ErrorCode::PermanentResolverFailure);
}

}  // namespace
}  // namespace spindle::wasi::p2
