#pragma once

// wasi:sockets@0.2: network, instance-network, tcp, tcp-create-socket, udp, udp-create-socket,
// ip-name-lookup.
//
// Works:   TCP connections and UDP to what the gate of the instance permits; all options; the
//          start and finish of each operation, with the errors of the interface; IP literals in
//          name lookups; streams go from and to the guest's memory without waiting for more than
//          the system takes.
// Refused: `access-denied` for binding and what the gate does not permit, and for every socket of
//          an instance whose gate is closed; listening is `invalid-state`, since no socket is
//          bound; names other than literals are `permanent-resolver-failure`.
// Differs: one receive gives at most kDatagramsMax datagrams, and one check-send permits so many.

#include "bindings/wasi/sockets_0_2/instance_network.h"
#include "bindings/wasi/sockets_0_2/ip_name_lookup.h"
#include "bindings/wasi/sockets_0_2/tcp.h"
#include "bindings/wasi/sockets_0_2/tcp_create_socket.h"
#include "bindings/wasi/sockets_0_2/udp.h"
#include "bindings/wasi/sockets_0_2/udp_create_socket.h"
#include "wasi/core/instance_state.h"
#include "wasi/p2/sockets/resources.h"

namespace spindle::wasi::p2 {

namespace sockets = bindings::wasi::sockets_0_2;

// Datagrams of one call.
inline constexpr uint64_t kDatagramsMax = 16;

template <typename T>
using SocketAnswer = Result<std::expected<T, sockets::network::ErrorCode>>;
using IpSocketAddress = sockets::network::IpSocketAddress;
using IpAddressFamily = sockets::network::IpAddressFamily;

sockets::network::ErrorCode to_error_code(SocketError error);

class InstanceNetworkHost final : public sockets::instance_network::Host {
 public:
  Result<std::unique_ptr<Network>> instance_network() override {
    return std::make_unique<Network>();
  }
};

class TcpCreateSocketHost final : public sockets::tcp_create_socket::Host {
 public:
  TcpCreateSocketHost(io::EventLoop& loop, InstanceState& instance)
      : loop_(loop), instance_(instance) {}
  SocketAnswer<std::unique_ptr<TcpSocket>> create_tcp_socket(IpAddressFamily family) override;

 private:
  io::EventLoop& loop_;
  InstanceState& instance_;
};

class UdpCreateSocketHost final : public sockets::udp_create_socket::Host {
 public:
  UdpCreateSocketHost(io::EventLoop& loop, InstanceState& instance)
      : loop_(loop), instance_(instance) {}
  SocketAnswer<std::unique_ptr<UdpSocket>> create_udp_socket(IpAddressFamily family) override;

 private:
  io::EventLoop& loop_;
  InstanceState& instance_;
};

class IpNameLookupHost final : public sockets::ip_name_lookup::Host {
 public:
  IpNameLookupHost(io::EventLoop& loop, const InstanceState& instance)
      : loop_(loop), instance_(instance) {}
  SocketAnswer<std::unique_ptr<ResolveAddressStream>> resolve_addresses(
      Network& network, std::string_view name) override;
  SocketAnswer<std::optional<sockets::network::IpAddress>>
  resolve_address_stream_resolve_next_address(ResolveAddressStream& self) override;
  Result<std::unique_ptr<Pollable>> resolve_address_stream_subscribe(
      ResolveAddressStream& self) override;

 private:
  io::EventLoop& loop_;
  const InstanceState& instance_;
};

class TcpHost final : public sockets::tcp::Host {
 public:
  explicit TcpHost(InstanceState& instance) : instance_(instance) {}

  using Streams = std::tuple<std::unique_ptr<InputStream>, std::unique_ptr<OutputStream>>;
  using Accepted = std::tuple<std::unique_ptr<TcpSocket>, std::unique_ptr<InputStream>,
                              std::unique_ptr<OutputStream>>;

  SocketAnswer<void> tcp_socket_start_bind(TcpSocket& self, Network& network,
                                           const IpSocketAddress& local_address) override;
  SocketAnswer<void> tcp_socket_finish_bind(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_start_connect(TcpSocket& self, Network& network,
                                              const IpSocketAddress& remote_address) override;
  SocketAnswer<Streams> tcp_socket_finish_connect(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_start_listen(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_finish_listen(TcpSocket& self) override;
  SocketAnswer<Accepted> tcp_socket_accept(TcpSocket& self) override;
  SocketAnswer<IpSocketAddress> tcp_socket_local_address(TcpSocket& self) override;
  SocketAnswer<IpSocketAddress> tcp_socket_remote_address(TcpSocket& self) override;
  Result<bool> tcp_socket_is_listening(TcpSocket&) override { return false; }
  Result<IpAddressFamily> tcp_socket_address_family(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_listen_backlog_size(TcpSocket& self, uint64_t value) override;
  SocketAnswer<bool> tcp_socket_keep_alive_enabled(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_keep_alive_enabled(TcpSocket& self, bool value) override;
  SocketAnswer<uint64_t> tcp_socket_keep_alive_idle_time(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_keep_alive_idle_time(TcpSocket& self, uint64_t value) override;
  SocketAnswer<uint64_t> tcp_socket_keep_alive_interval(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_keep_alive_interval(TcpSocket& self, uint64_t value) override;
  SocketAnswer<uint32_t> tcp_socket_keep_alive_count(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_keep_alive_count(TcpSocket& self, uint32_t value) override;
  SocketAnswer<uint8_t> tcp_socket_hop_limit(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_hop_limit(TcpSocket& self, uint8_t value) override;
  SocketAnswer<uint64_t> tcp_socket_receive_buffer_size(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_receive_buffer_size(TcpSocket& self, uint64_t value) override;
  SocketAnswer<uint64_t> tcp_socket_send_buffer_size(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_send_buffer_size(TcpSocket& self, uint64_t value) override;
  Result<std::unique_ptr<Pollable>> tcp_socket_subscribe(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_shutdown(TcpSocket& self,
                                         sockets::tcp::ShutdownType shutdown_type) override;

 private:
  InstanceState& instance_;
};

class UdpHost final : public sockets::udp::Host {
 public:
  using Streams =
      std::tuple<std::unique_ptr<IncomingDatagramStream>, std::unique_ptr<OutgoingDatagramStream>>;

  SocketAnswer<void> udp_socket_start_bind(UdpSocket& self, Network& network,
                                           const IpSocketAddress& local_address) override;
  SocketAnswer<void> udp_socket_finish_bind(UdpSocket& self) override;
  SocketAnswer<Streams> udp_socket_stream(
      UdpSocket& self, const std::optional<IpSocketAddress>& remote_address) override;
  SocketAnswer<IpSocketAddress> udp_socket_local_address(UdpSocket& self) override;
  SocketAnswer<IpSocketAddress> udp_socket_remote_address(UdpSocket& self) override;
  Result<IpAddressFamily> udp_socket_address_family(UdpSocket& self) override;
  SocketAnswer<uint8_t> udp_socket_unicast_hop_limit(UdpSocket& self) override;
  SocketAnswer<void> udp_socket_set_unicast_hop_limit(UdpSocket& self, uint8_t value) override;
  SocketAnswer<uint64_t> udp_socket_receive_buffer_size(UdpSocket& self) override;
  SocketAnswer<void> udp_socket_set_receive_buffer_size(UdpSocket& self, uint64_t value) override;
  SocketAnswer<uint64_t> udp_socket_send_buffer_size(UdpSocket& self) override;
  SocketAnswer<void> udp_socket_set_send_buffer_size(UdpSocket& self, uint64_t value) override;
  Result<std::unique_ptr<Pollable>> udp_socket_subscribe(UdpSocket& self) override;
  SocketAnswer<std::vector<sockets::udp::IncomingDatagram>> incoming_datagram_stream_receive(
      IncomingDatagramStream& self, uint64_t max_results) override;
  Result<std::unique_ptr<Pollable>> incoming_datagram_stream_subscribe(
      IncomingDatagramStream& self) override;
  SocketAnswer<uint64_t> outgoing_datagram_stream_check_send(OutgoingDatagramStream& self) override;
  SocketAnswer<uint64_t> outgoing_datagram_stream_send(
      OutgoingDatagramStream& self,
      const std::vector<sockets::udp::OutgoingDatagramView>& datagrams) override;
  Result<std::unique_ptr<Pollable>> outgoing_datagram_stream_subscribe(
      OutgoingDatagramStream& self) override;
};

// What implements the interfaces for one instance.
struct SocketHosts {
  SocketHosts(io::EventLoop& loop, InstanceState& instance)
      : tcp(instance),
        tcp_create_socket(loop, instance),
        udp_create_socket(loop, instance),
        ip_name_lookup(loop, instance) {}

  InstanceNetworkHost instance_network;
  TcpHost tcp;
  TcpCreateSocketHost tcp_create_socket;
  UdpHost udp;
  UdpCreateSocketHost udp_create_socket;
  IpNameLookupHost ip_name_lookup;
};

}  // namespace spindle::wasi::p2
