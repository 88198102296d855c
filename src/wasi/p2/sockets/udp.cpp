#include <algorithm>

#include <fmt/format.h>

#include "wasi/core/sockets/socket_options.h"
#include "wasi/p2/sockets/answer.h"

// wasi:sockets/udp@0.2.

namespace spindle::wasi::p2 {
namespace {

using sockets::network::ErrorCode;

template <typename T>
SocketAnswer<T> refused(SocketError error) {
  return std::expected<T, ErrorCode>(socket_failure(error));
}

std::optional<io::SocketAddress> optional_address(const std::optional<IpSocketAddress>& address) {
  if (!address) return std::nullopt;
  return from_interface(*address);
}

}  // namespace

SocketAnswer<void> UdpHost::udp_socket_start_bind(UdpSocket& self, Network&,
                                                  const IpSocketAddress& local_address) {
  if (self.is_binding) return refused<void>(SocketError::ConcurrencyConflict);
  auto bound = self.port->bind(from_interface(local_address));
  self.is_binding = bound.has_value();
  return socket_answer(std::move(bound));
}

SocketAnswer<void> UdpHost::udp_socket_finish_bind(UdpSocket& self) {
  if (!self.is_binding) return refused<void>(SocketError::NotInProgress);
  self.is_binding = false;
  return std::expected<void, ErrorCode>();
}

SocketAnswer<UdpHost::Streams> UdpHost::udp_socket_stream(
    UdpSocket& self, const std::optional<IpSocketAddress>& remote_address) {
  if (self.streams.child_count() != 0) {
    return Error::trap("the datagram streams of a UDP socket are not dropped yet");
  }
  if (!self.port->is_bound() || self.is_binding) return refused<Streams>(SocketError::InvalidState);
  SocketResult<void> changed;
  if (remote_address) {
    changed = self.port->connect(from_interface(*remote_address));
  } else if (self.port->is_connected()) {
    changed = self.port->disconnect();
  }
  if (!changed) return refused<Streams>(changed.error());
  return std::expected<Streams, ErrorCode>(Streams(std::make_unique<IncomingDatagramStream>(self),
                                                   std::make_unique<OutgoingDatagramStream>(self)));
}

SocketAnswer<IpSocketAddress> UdpHost::udp_socket_local_address(UdpSocket& self) {
  return socket_answer(self.port->local_address());
}

SocketAnswer<IpSocketAddress> UdpHost::udp_socket_remote_address(UdpSocket& self) {
  return socket_answer(self.port->remote_address());
}

Result<IpAddressFamily> UdpHost::udp_socket_address_family(UdpSocket& self) {
  return to_interface_family<IpAddressFamily>(self.port->family());
}

SocketAnswer<uint8_t> UdpHost::udp_socket_unicast_hop_limit(UdpSocket& self) {
  return socket_answer(hop_limit(*self.port->socket(), self.port->family()));
}

SocketAnswer<void> UdpHost::udp_socket_set_unicast_hop_limit(UdpSocket& self, uint8_t value) {
  return socket_answer(set_hop_limit(*self.port->socket(), self.port->family(), value));
}

SocketAnswer<uint64_t> UdpHost::udp_socket_receive_buffer_size(UdpSocket& self) {
  return socket_answer(buffer_size(*self.port->socket(), SocketBuffer::Receive));
}

SocketAnswer<void> UdpHost::udp_socket_set_receive_buffer_size(UdpSocket& self, uint64_t value) {
  return socket_answer(set_buffer_size(*self.port->socket(), SocketBuffer::Receive, value));
}

SocketAnswer<uint64_t> UdpHost::udp_socket_send_buffer_size(UdpSocket& self) {
  return socket_answer(buffer_size(*self.port->socket(), SocketBuffer::Send));
}

SocketAnswer<void> UdpHost::udp_socket_set_send_buffer_size(UdpSocket& self, uint64_t value) {
  return socket_answer(set_buffer_size(*self.port->socket(), SocketBuffer::Send, value));
}

Result<std::unique_ptr<Pollable>> UdpHost::udp_socket_subscribe(UdpSocket& self) {
  return std::make_unique<Pollable>(self);
}

SocketAnswer<std::vector<sockets::udp::IncomingDatagram>> UdpHost::incoming_datagram_stream_receive(
    IncomingDatagramStream& self, uint64_t max_results) {
  using Datagrams = std::vector<sockets::udp::IncomingDatagram>;
  Datagrams datagrams;
  const uint64_t wanted = std::min(max_results, kDatagramsMax);
  while (datagrams.size() < wanted) {
    auto received = self.port->receive();
    if (!received && received.error() != SocketError::WouldBlock && datagrams.empty()) {
      return refused<Datagrams>(received.error());
    }
    if (!received) break;
    datagrams.push_back({std::move(received->data), to_interface<IpSocketAddress>(received->from)});
  }
  return std::expected<Datagrams, ErrorCode>(std::move(datagrams));
}

Result<std::unique_ptr<Pollable>> UdpHost::incoming_datagram_stream_subscribe(
    IncomingDatagramStream& self) {
  return std::make_unique<Pollable>(self);
}

SocketAnswer<uint64_t> UdpHost::outgoing_datagram_stream_check_send(OutgoingDatagramStream& self) {
  self.permitted = self.port->socket()->is_writable() ? kDatagramsMax : 0;
  return std::expected<uint64_t, ErrorCode>(self.permitted);
}

SocketAnswer<uint64_t> UdpHost::outgoing_datagram_stream_send(
    OutgoingDatagramStream& self,
    const std::vector<sockets::udp::OutgoingDatagramView>& datagrams) {
  if (datagrams.empty()) return std::expected<uint64_t, ErrorCode>(0);
  if (datagrams.size() > self.permitted) {
    return Error::trap(fmt::format("send of {} datagrams, check-send permitted {}",
                                   datagrams.size(), self.permitted));
  }
  self.permitted = 0;
  uint64_t count = 0;
  for (const auto& datagram : datagrams) {
    auto sent = self.port->send(datagram.data, optional_address(datagram.remote_address));
    if (!sent && sent.error() != SocketError::WouldBlock && count == 0) {
      return refused<uint64_t>(sent.error());
    }
    if (!sent) break;
    ++count;
  }
  return std::expected<uint64_t, ErrorCode>(count);
}

Result<std::unique_ptr<Pollable>> UdpHost::outgoing_datagram_stream_subscribe(
    OutgoingDatagramStream& self) {
  return std::make_unique<Pollable>(self);
}

}  // namespace spindle::wasi::p2
