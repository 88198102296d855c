#include "wasi/core/sockets/socket_options.h"
#include "wasi/p2/sockets/answer.h"

// wasi:sockets/tcp@0.2.

namespace spindle::wasi::p2 {
namespace {

using sockets::network::ErrorCode;

template <typename T>
SocketAnswer<T> refused(SocketError error) {
  return std::expected<T, ErrorCode>(socket_failure(error));
}

// `read` or `write` of an option, while the socket has any.
template <typename F>
auto with_options(TcpSocket& self, F use) {
  using T = typename std::invoke_result_t<F, io::IpSocket&>::value_type;
  auto socket = self.connection->options();
  if (!socket) return refused<T>(socket.error());
  return socket_answer(use(**socket));
}

}  // namespace

SocketAnswer<void> TcpHost::tcp_socket_start_bind(TcpSocket& self, Network&,
                                                  const IpSocketAddress& local_address) {
  if (self.is_connecting) return refused<void>(SocketError::ConcurrencyConflict);
  return refused<void>(self.connection->bind(from_interface(local_address)));
}

// Binding never begins.
SocketAnswer<void> TcpHost::tcp_socket_finish_bind(TcpSocket&) {
  return refused<void>(SocketError::NotInProgress);
}

SocketAnswer<void> TcpHost::tcp_socket_start_connect(TcpSocket& self, Network&,
                                                     const IpSocketAddress& remote_address) {
  if (self.is_connecting) return refused<void>(SocketError::ConcurrencyConflict);
  auto started = self.connection->start_connect(from_interface(remote_address));
  self.is_connecting = started.has_value();
  return socket_answer(std::move(started));
}

SocketAnswer<TcpHost::Streams> TcpHost::tcp_socket_finish_connect(TcpSocket& self) {
  if (!self.is_connecting) return refused<Streams>(SocketError::NotInProgress);
  auto finished = self.connection->finish_connect();
  if (!finished && finished.error() == SocketError::WouldBlock) {
    return refused<Streams>(SocketError::WouldBlock);
  }
  self.is_connecting = false;
  if (!finished) return refused<Streams>(finished.error());
  self.sender = std::make_shared<TcpSender>(self.connection, instance_);
  Streams streams(std::make_unique<TcpInputStream>(self), std::make_unique<TcpOutputStream>(self));
  return std::expected<Streams, ErrorCode>(std::move(streams));
}

// Listening wants a bound socket, and none is.
SocketAnswer<void> TcpHost::tcp_socket_start_listen(TcpSocket& self) {
  return refused<void>(self.is_connecting ? SocketError::ConcurrencyConflict
                                          : SocketError::InvalidState);
}

SocketAnswer<void> TcpHost::tcp_socket_finish_listen(TcpSocket&) {
  return refused<void>(SocketError::NotInProgress);
}

SocketAnswer<TcpHost::Accepted> TcpHost::tcp_socket_accept(TcpSocket&) {
  return refused<Accepted>(SocketError::InvalidState);
}

SocketAnswer<IpSocketAddress> TcpHost::tcp_socket_local_address(TcpSocket& self) {
  return socket_answer(self.connection->local_address());
}

SocketAnswer<IpSocketAddress> TcpHost::tcp_socket_remote_address(TcpSocket& self) {
  return socket_answer(self.connection->remote_address());
}

Result<IpAddressFamily> TcpHost::tcp_socket_address_family(TcpSocket& self) {
  return to_interface_family<IpAddressFamily>(self.connection->family());
}

SocketAnswer<void> TcpHost::tcp_socket_set_listen_backlog_size(TcpSocket& self, uint64_t value) {
  return socket_answer(self.connection->check_backlog(value));
}

SocketAnswer<bool> TcpHost::tcp_socket_keep_alive_enabled(TcpSocket& self) {
  return with_options(self, [](auto& socket) { return keep_alive_enabled(socket); });
}

SocketAnswer<void> TcpHost::tcp_socket_set_keep_alive_enabled(TcpSocket& self, bool value) {
  return with_options(self, [=](auto& socket) { return set_keep_alive_enabled(socket, value); });
}

SocketAnswer<uint64_t> TcpHost::tcp_socket_keep_alive_idle_time(TcpSocket& self) {
  return with_options(self,
                      [](auto& socket) { return keep_alive_time(socket, KeepAliveTime::Idle); });
}

SocketAnswer<void> TcpHost::tcp_socket_set_keep_alive_idle_time(TcpSocket& self, uint64_t value) {
  return with_options(
      self, [=](auto& socket) { return set_keep_alive_time(socket, KeepAliveTime::Idle, value); });
}

SocketAnswer<uint64_t> TcpHost::tcp_socket_keep_alive_interval(TcpSocket& self) {
  return with_options(
      self, [](auto& socket) { return keep_alive_time(socket, KeepAliveTime::Interval); });
}

SocketAnswer<void> TcpHost::tcp_socket_set_keep_alive_interval(TcpSocket& self, uint64_t value) {
  return with_options(self, [=](auto& socket) {
    return set_keep_alive_time(socket, KeepAliveTime::Interval, value);
  });
}

SocketAnswer<uint32_t> TcpHost::tcp_socket_keep_alive_count(TcpSocket& self) {
  return with_options(self, [](auto& socket) { return keep_alive_count(socket); });
}

SocketAnswer<void> TcpHost::tcp_socket_set_keep_alive_count(TcpSocket& self, uint32_t value) {
  return with_options(self, [=](auto& socket) { return set_keep_alive_count(socket, value); });
}

SocketAnswer<uint8_t> TcpHost::tcp_socket_hop_limit(TcpSocket& self) {
  return with_options(self,
                      [&](auto& socket) { return hop_limit(socket, self.connection->family()); });
}

SocketAnswer<void> TcpHost::tcp_socket_set_hop_limit(TcpSocket& self, uint8_t value) {
  return with_options(
      self, [&](auto& socket) { return set_hop_limit(socket, self.connection->family(), value); });
}

SocketAnswer<uint64_t> TcpHost::tcp_socket_receive_buffer_size(TcpSocket& self) {
  return with_options(self,
                      [](auto& socket) { return buffer_size(socket, SocketBuffer::Receive); });
}

SocketAnswer<void> TcpHost::tcp_socket_set_receive_buffer_size(TcpSocket& self, uint64_t value) {
  return with_options(
      self, [=](auto& socket) { return set_buffer_size(socket, SocketBuffer::Receive, value); });
}

SocketAnswer<uint64_t> TcpHost::tcp_socket_send_buffer_size(TcpSocket& self) {
  return with_options(self, [](auto& socket) { return buffer_size(socket, SocketBuffer::Send); });
}

SocketAnswer<void> TcpHost::tcp_socket_set_send_buffer_size(TcpSocket& self, uint64_t value) {
  return with_options(
      self, [=](auto& socket) { return set_buffer_size(socket, SocketBuffer::Send, value); });
}

Result<std::unique_ptr<Pollable>> TcpHost::tcp_socket_subscribe(TcpSocket& self) {
  return std::make_unique<Pollable>(self);
}

SocketAnswer<void> TcpHost::tcp_socket_shutdown(TcpSocket& self,
                                                sockets::tcp::ShutdownType shutdown_type) {
  using sockets::tcp::ShutdownType;
  if (!self.connection->is_connected()) return refused<void>(SocketError::InvalidState);
  if (shutdown_type != ShutdownType::Send) {
    *self.is_receive_shut = true;
    self.connection->shutdown(io::IpSocket::Direction::Receive);
  }
  if (shutdown_type != ShutdownType::Receive) self.sender->close();
  return std::expected<void, ErrorCode>();
}

}  // namespace spindle::wasi::p2
