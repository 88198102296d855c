#include "wasi/core/sockets/socket_options.h"
#include "wasi/p3/sockets/answer.h"

// wasi:sockets/types.udp-socket@0.3.

namespace spindle::wasi::p3 {
namespace {

using Received = std::expected<SocketTypes::Datagram, SocketCode>;

bool would_block(const auto& result) {
  return !result && result.error() == SocketError::WouldBlock;
}

Received to_answer(SocketResult<UdpPort::Datagram> received) {
  if (!received) return socket_failure(received.error());
  return SocketTypes::Datagram(std::move(received->data),
                               to_interface<IpSocketAddress>(received->from));
}

io::Task<Result<SocketOutcome>> send_later(std::shared_ptr<UdpPort> port, Bytes data,
                                           std::optional<io::SocketAddress> to) {
  while (true) {
    auto waiting = port->socket()->writable();
    co_await std::move(waiting);
    auto sent = port->send(data, to);
    if (!would_block(sent)) co_return socket_answer(std::move(sent));
  }
}

io::Task<Result<Received>> receive_later(std::shared_ptr<UdpPort> port) {
  while (true) {
    auto waiting = port->socket()->readable();
    co_await std::move(waiting);
    auto received = port->receive();
    if (!would_block(received)) co_return to_answer(std::move(received));
  }
}

}  // namespace

SocketAnswer<std::unique_ptr<UdpSocket>> SocketTypes::udp_socket_create(IpAddressFamily family) {
  using Answer = std::expected<std::unique_ptr<UdpSocket>, SocketCode>;
  auto port = UdpPort::create(loop_, instance_, family_of(family));
  if (!port) return Answer(socket_failure(port.error()));
  return Answer(std::make_unique<UdpSocket>(std::move(*port)));
}

SocketAnswer<void> SocketTypes::udp_socket_bind(UdpSocket& self,
                                                const IpSocketAddress& local_address) {
  return socket_answer(self.port->bind(from_interface(local_address)));
}

SocketAnswer<void> SocketTypes::udp_socket_connect(UdpSocket& self,
                                                   const IpSocketAddress& remote_address) {
  return socket_answer(self.port->connect(from_interface(remote_address)));
}

SocketAnswer<void> SocketTypes::udp_socket_disconnect(UdpSocket& self) {
  return socket_answer(self.port->disconnect());
}

io::Eventual<SocketOutcome> SocketTypes::udp_socket_send(
    UdpSocket& self, std::span<const uint8_t> data,
    const std::optional<IpSocketAddress>& remote_address) {
  std::optional<io::SocketAddress> to;
  if (remote_address) to = from_interface(*remote_address);
  auto sent = self.port->send(data, to);
  if (!would_block(sent)) return socket_answer(std::move(sent));
  return send_later(self.port, Bytes(data.begin(), data.end()), to);
}

io::Eventual<Received> SocketTypes::udp_socket_receive(UdpSocket& self) {
  auto received = self.port->receive();
  if (!would_block(received)) return to_answer(std::move(received));
  return receive_later(self.port);
}

SocketAnswer<IpSocketAddress> SocketTypes::udp_socket_get_local_address(UdpSocket& self) {
  return socket_answer(self.port->local_address());
}

SocketAnswer<IpSocketAddress> SocketTypes::udp_socket_get_remote_address(UdpSocket& self) {
  return socket_answer(self.port->remote_address());
}

Result<IpAddressFamily> SocketTypes::udp_socket_get_address_family(UdpSocket& self) {
  return to_interface_family<IpAddressFamily>(self.port->family());
}

SocketAnswer<uint8_t> SocketTypes::udp_socket_get_unicast_hop_limit(UdpSocket& self) {
  return socket_answer(hop_limit(*self.port->socket(), self.port->family()));
}

SocketAnswer<void> SocketTypes::udp_socket_set_unicast_hop_limit(UdpSocket& self, uint8_t value) {
  return socket_answer(set_hop_limit(*self.port->socket(), self.port->family(), value));
}

SocketAnswer<uint64_t> SocketTypes::udp_socket_get_receive_buffer_size(UdpSocket& self) {
  return socket_answer(buffer_size(*self.port->socket(), SocketBuffer::Receive));
}

SocketAnswer<void> SocketTypes::udp_socket_set_receive_buffer_size(UdpSocket& self,
                                                                   uint64_t value) {
  return socket_answer(set_buffer_size(*self.port->socket(), SocketBuffer::Receive, value));
}

SocketAnswer<uint64_t> SocketTypes::udp_socket_get_send_buffer_size(UdpSocket& self) {
  return socket_answer(buffer_size(*self.port->socket(), SocketBuffer::Send));
}

SocketAnswer<void> SocketTypes::udp_socket_set_send_buffer_size(UdpSocket& self, uint64_t value) {
  return socket_answer(set_buffer_size(*self.port->socket(), SocketBuffer::Send, value));
}

}  // namespace spindle::wasi::p3
