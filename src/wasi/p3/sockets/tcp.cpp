#include "wasi/core/sockets/socket_options.h"
#include "wasi/p3/sockets/answer.h"
#include "wasi/p3/sockets/tcp_streams.h"

// wasi:sockets/types.tcp-socket@0.3.

namespace spindle::wasi::p3 {
namespace {

using component::Future;
using component::Promise;
using component::Stream;

template <typename F>
auto with_options(TcpSocket& self, F use) {
  using T = typename std::invoke_result_t<F, io::IpSocket&>::value_type;
  using Answer = std::expected<T, SocketCode>;
  auto socket = self.connection->options();
  if (!socket) return SocketAnswer<T>(Answer(socket_failure(socket.error())));
  return SocketAnswer<T>(socket_answer(use(**socket)));
}

io::Task<Result<SocketOutcome>> connect_later(std::shared_ptr<TcpConnection> connection) {
  while (!connection->is_settled()) {
    auto waiting = connection->socket()->writable();
    co_await std::move(waiting);
  }
  co_return socket_answer(connection->finish_connect());
}

io::Task<void> send_in_background(io::Task<SocketResult<void>> sending,
                                  Promise<SocketOutcome> outcome) {
  auto sent = co_await std::move(sending);
  outcome.set(socket_answer(std::move(sent)));
}

}  // namespace

SocketAnswer<std::unique_ptr<TcpSocket>> SocketTypes::tcp_socket_create(IpAddressFamily family) {
  using Answer = std::expected<std::unique_ptr<TcpSocket>, SocketCode>;
  auto connection = TcpConnection::create(loop_, instance_, family_of(family));
  if (!connection) return Answer(socket_failure(connection.error()));
  return Answer(std::make_unique<TcpSocket>(std::move(*connection)));
}

SocketAnswer<void> SocketTypes::tcp_socket_bind(TcpSocket& self,
                                                const IpSocketAddress& local_address) {
  return SocketOutcome(socket_failure(self.connection->bind(from_interface(local_address))));
}

io::Eventual<SocketOutcome> SocketTypes::tcp_socket_connect(TcpSocket& self,
                                                            const IpSocketAddress& remote_address) {
  auto started = self.connection->start_connect(from_interface(remote_address));
  if (!started) return SocketOutcome(socket_failure(started.error()));
  return connect_later(self.connection);
}

SocketAnswer<SocketTypes::Accepted> SocketTypes::tcp_socket_listen(TcpSocket& self) {
  return std::expected<Accepted, SocketCode>(socket_failure(self.connection->listen()));
}

Result<Future<SocketOutcome>> SocketTypes::tcp_socket_send(TcpSocket& self, Stream<uint8_t> data) {
  if (!self.connection->is_connected() || self.is_send_taken) {
    return Future<SocketOutcome>::of(socket_failure(SocketError::InvalidState));
  }
  self.is_send_taken = true;
  auto [promise, future] = component::make_future<SocketOutcome>(loop_);
  auto sending = send_all(loop_, self.connection, std::move(data));
  instance_.background.spawn(send_in_background(std::move(sending), std::move(promise)));
  return std::move(future);
}

Result<SocketTypes::Received> SocketTypes::tcp_socket_receive(TcpSocket& self) {
  if (!self.connection->is_connected() || self.is_receive_taken) {
    return Received(Stream<uint8_t>(),
                    Future<SocketOutcome>::of(socket_failure(SocketError::InvalidState)));
  }
  self.is_receive_taken = true;
  return receive_from(loop_, self.connection);
}

SocketAnswer<IpSocketAddress> SocketTypes::tcp_socket_get_local_address(TcpSocket& self) {
  return socket_answer(self.connection->local_address());
}

SocketAnswer<IpSocketAddress> SocketTypes::tcp_socket_get_remote_address(TcpSocket& self) {
  return socket_answer(self.connection->remote_address());
}

Result<IpAddressFamily> SocketTypes::tcp_socket_get_address_family(TcpSocket& self) {
  return to_interface_family<IpAddressFamily>(self.connection->family());
}

SocketAnswer<void> SocketTypes::tcp_socket_set_listen_backlog_size(TcpSocket& self,
                                                                   uint64_t value) {
  return socket_answer(self.connection->check_backlog(value));
}

SocketAnswer<bool> SocketTypes::tcp_socket_get_keep_alive_enabled(TcpSocket& self) {
  return with_options(self, [](auto& socket) { return keep_alive_enabled(socket); });
}

SocketAnswer<void> SocketTypes::tcp_socket_set_keep_alive_enabled(TcpSocket& self, bool value) {
  return with_options(self, [=](auto& socket) { return set_keep_alive_enabled(socket, value); });
}

SocketAnswer<uint64_t> SocketTypes::tcp_socket_get_keep_alive_idle_time(TcpSocket& self) {
  return with_options(self,
                      [](auto& socket) { return keep_alive_time(socket, KeepAliveTime::Idle); });
}

SocketAnswer<void> SocketTypes::tcp_socket_set_keep_alive_idle_time(TcpSocket& self,
                                                                    uint64_t value) {
  return with_options(
      self, [=](auto& socket) { return set_keep_alive_time(socket, KeepAliveTime::Idle, value); });
}

SocketAnswer<uint64_t> SocketTypes::tcp_socket_get_keep_alive_interval(TcpSocket& self) {
  return with_options(
      self, [](auto& socket) { return keep_alive_time(socket, KeepAliveTime::Interval); });
}

SocketAnswer<void> SocketTypes::tcp_socket_set_keep_alive_interval(TcpSocket& self,
                                                                   uint64_t value) {
  return with_options(self, [=](auto& socket) {
    return set_keep_alive_time(socket, KeepAliveTime::Interval, value);
  });
}

SocketAnswer<uint32_t> SocketTypes::tcp_socket_get_keep_alive_count(TcpSocket& self) {
  return with_options(self, [](auto& socket) { return keep_alive_count(socket); });
}

SocketAnswer<void> SocketTypes::tcp_socket_set_keep_alive_count(TcpSocket& self, uint32_t value) {
  return with_options(self, [=](auto& socket) { return set_keep_alive_count(socket, value); });
}

SocketAnswer<uint8_t> SocketTypes::tcp_socket_get_hop_limit(TcpSocket& self) {
  return with_options(self,
                      [&](auto& socket) { return hop_limit(socket, self.connection->family()); });
}

SocketAnswer<void> SocketTypes::tcp_socket_set_hop_limit(TcpSocket& self, uint8_t value) {
  return with_options(
      self, [&](auto& socket) { return set_hop_limit(socket, self.connection->family(), value); });
}

SocketAnswer<uint64_t> SocketTypes::tcp_socket_get_receive_buffer_size(TcpSocket& self) {
  return with_options(self,
                      [](auto& socket) { return buffer_size(socket, SocketBuffer::Receive); });
}

SocketAnswer<void> SocketTypes::tcp_socket_set_receive_buffer_size(TcpSocket& self,
                                                                   uint64_t value) {
  return with_options(
      self, [=](auto& socket) { return set_buffer_size(socket, SocketBuffer::Receive, value); });
}

SocketAnswer<uint64_t> SocketTypes::tcp_socket_get_send_buffer_size(TcpSocket& self) {
  return with_options(self, [](auto& socket) { return buffer_size(socket, SocketBuffer::Send); });
}

SocketAnswer<void> SocketTypes::tcp_socket_set_send_buffer_size(TcpSocket& self, uint64_t value) {
  return with_options(
      self, [=](auto& socket) { return set_buffer_size(socket, SocketBuffer::Send, value); });
}

}  // namespace spindle::wasi::p3
