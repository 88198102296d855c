#pragma once

// wasi:sockets@0.3: types, ip-name-lookup.
//
// Works:   TCP connections and UDP to what the gate of the instance permits; all options; IP
//          literals in name lookups. Bytes go between guest memory and socket in steps, without a
//          copy in between.
// Refused: `access-denied` for binding and listening with TCP, for what the gate does not permit,
//          and for every socket of an instance whose gate is closed; names other than literals are
//          `permanent-resolver-failure`.
// Differs: what has no code of its own (too many connections, say) is `other` with the word that
//          0.2 has for it.

#include "bindings/wasi/sockets_0_3/ip_name_lookup.h"
#include "bindings/wasi/sockets_0_3/types.h"
#include "wasi/core/instance_state.h"
#include "wasi/p3/sockets/resources.h"

namespace spindle::wasi::p3 {

namespace sockets = bindings::wasi::sockets_0_3;

using SocketCode = sockets::types::ErrorCode;
using SocketOutcome = std::expected<void, SocketCode>;
using IpSocketAddress = sockets::types::IpSocketAddress;
using IpAddressFamily = sockets::types::IpAddressFamily;
template <typename T>
using SocketAnswer = Result<std::expected<T, SocketCode>>;

SocketCode to_error_code(SocketError error);

class SocketTypes final : public sockets::types::Host {
 public:
  // Both outlive it.
  SocketTypes(io::EventLoop& loop, InstanceState& instance) : loop_(loop), instance_(instance) {}

  using Accepted = component::Stream<std::unique_ptr<TcpSocket>>;
  using Received = std::tuple<component::Stream<uint8_t>, component::Future<SocketOutcome>>;
  using Datagram = std::tuple<std::vector<uint8_t>, IpSocketAddress>;

  SocketAnswer<std::unique_ptr<TcpSocket>> tcp_socket_create(IpAddressFamily family) override;
  SocketAnswer<void> tcp_socket_bind(TcpSocket& self,
                                     const IpSocketAddress& local_address) override;
  io::Eventual<SocketOutcome> tcp_socket_connect(TcpSocket& self,
                                                 const IpSocketAddress& remote_address) override;
  SocketAnswer<Accepted> tcp_socket_listen(TcpSocket& self) override;
  Result<component::Future<SocketOutcome>> tcp_socket_send(
      TcpSocket& self, component::Stream<uint8_t> data) override;
  Result<Received> tcp_socket_receive(TcpSocket& self) override;
  SocketAnswer<IpSocketAddress> tcp_socket_get_local_address(TcpSocket& self) override;
  SocketAnswer<IpSocketAddress> tcp_socket_get_remote_address(TcpSocket& self) override;
  Result<bool> tcp_socket_get_is_listening(TcpSocket&) override { return false; }
  Result<IpAddressFamily> tcp_socket_get_address_family(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_listen_backlog_size(TcpSocket& self, uint64_t value) override;
  SocketAnswer<bool> tcp_socket_get_keep_alive_enabled(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_keep_alive_enabled(TcpSocket& self, bool value) override;
  SocketAnswer<uint64_t> tcp_socket_get_keep_alive_idle_time(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_keep_alive_idle_time(TcpSocket& self, uint64_t value) override;
  SocketAnswer<uint64_t> tcp_socket_get_keep_alive_interval(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_keep_alive_interval(TcpSocket& self, uint64_t value) override;
  SocketAnswer<uint32_t> tcp_socket_get_keep_alive_count(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_keep_alive_count(TcpSocket& self, uint32_t value) override;
  SocketAnswer<uint8_t> tcp_socket_get_hop_limit(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_hop_limit(TcpSocket& self, uint8_t value) override;
  SocketAnswer<uint64_t> tcp_socket_get_receive_buffer_size(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_receive_buffer_size(TcpSocket& self, uint64_t value) override;
  SocketAnswer<uint64_t> tcp_socket_get_send_buffer_size(TcpSocket& self) override;
  SocketAnswer<void> tcp_socket_set_send_buffer_size(TcpSocket& self, uint64_t value) override;

  SocketAnswer<std::unique_ptr<UdpSocket>> udp_socket_create(IpAddressFamily family) override;
  SocketAnswer<void> udp_socket_bind(UdpSocket& self,
                                     const IpSocketAddress& local_address) override;
  SocketAnswer<void> udp_socket_connect(UdpSocket& self,
                                        const IpSocketAddress& remote_address) override;
  SocketAnswer<void> udp_socket_disconnect(UdpSocket& self) override;
  io::Eventual<SocketOutcome> udp_socket_send(
      UdpSocket& self, std::span<const uint8_t> data,
      const std::optional<IpSocketAddress>& remote_address) override;
  io::Eventual<std::expected<Datagram, SocketCode>> udp_socket_receive(UdpSocket& self) override;
  SocketAnswer<IpSocketAddress> udp_socket_get_local_address(UdpSocket& self) override;
  SocketAnswer<IpSocketAddress> udp_socket_get_remote_address(UdpSocket& self) override;
  Result<IpAddressFamily> udp_socket_get_address_family(UdpSocket& self) override;
  SocketAnswer<uint8_t> udp_socket_get_unicast_hop_limit(UdpSocket& self) override;
  SocketAnswer<void> udp_socket_set_unicast_hop_limit(UdpSocket& self, uint8_t value) override;
  SocketAnswer<uint64_t> udp_socket_get_receive_buffer_size(UdpSocket& self) override;
  SocketAnswer<void> udp_socket_set_receive_buffer_size(UdpSocket& self, uint64_t value) override;
  SocketAnswer<uint64_t> udp_socket_get_send_buffer_size(UdpSocket& self) override;
  SocketAnswer<void> udp_socket_set_send_buffer_size(UdpSocket& self, uint64_t value) override;

 private:
  io::EventLoop& loop_;
  InstanceState& instance_;
};

class IpNameLookup final : public sockets::ip_name_lookup::Host {
 public:
  explicit IpNameLookup(const InstanceState& instance) : instance_(instance) {}

  using Addresses =
      std::expected<std::vector<sockets::types::IpAddress>, sockets::ip_name_lookup::ErrorCode>;
  io::Eventual<Addresses> resolve_addresses(std::string_view name) override;

 private:
  const InstanceState& instance_;
};

}  // namespace spindle::wasi::p3
