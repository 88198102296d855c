#include "wasi/core/sockets/tcp_connection.h"

#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace spindle::wasi {

namespace {

std::unexpected<SocketError> failed(SocketError error) {
  return std::unexpected(error);
}

// Linux says for a connection what it says for bind when no port is free.
SocketError connect_error(int number) {
  return number == EADDRNOTAVAIL ? SocketError::AddressInUse : socket_error_from_errno(number);
}

}  // namespace

SocketResult<std::shared_ptr<TcpConnection>> TcpConnection::create(io::EventLoop& loop,
                                                                   InstanceState& instance,
                                                                   Family family) {
  if (!instance.sockets.is_open()) return failed(SocketError::AccessDenied);
  auto descriptor = instance.descriptors.acquire();
  if (!descriptor) return failed(SocketError::NewSocketLimit);
  auto socket = from_system(io::IpSocket::create(loop, family, io::Transport::Tcp));
  if (!socket) return failed(socket.error());
  (void)(*socket)->set_option(IPPROTO_TCP, TCP_NODELAY, 1);
  return std::make_shared<TcpConnection>(std::move(*socket), family, instance.sockets,
                                         std::move(*descriptor));
}

SocketError TcpConnection::bind(const io::SocketAddress& address) const {
  if (state_ != State::Idle) return SocketError::InvalidState;
  if (!is_unicast(address.endpoint) || !is_of_family(address.endpoint, family_)) {
    return SocketError::InvalidArgument;
  }
  return SocketError::AccessDenied;
}

SocketError TcpConnection::listen() const {
  return state_ == State::Idle ? SocketError::AccessDenied : SocketError::InvalidState;
}

SocketResult<void> TcpConnection::check_backlog(uint64_t value) const {
  if (value == 0) return failed(SocketError::InvalidArgument);
  if (state_ == State::Closed) return failed(*failure_);
  if (state_ != State::Idle) return failed(SocketError::InvalidState);
  return {};
}

SocketResult<void> TcpConnection::start_connect(const io::SocketAddress& address) {
  if (state_ != State::Idle) return failed(SocketError::InvalidState);
  if (!is_unicast(address.endpoint) || !is_valid_remote(address.endpoint) ||
      !is_of_family(address.endpoint, family_)) {
    return failed(SocketError::InvalidArgument);
  }
  if (!gate_.permits(io::Transport::Tcp, address.endpoint)) {
    return failed(SocketError::AccessDenied);
  }
  auto permit = gate_.take_permit();
  if (!permit) return failed(SocketError::NewSocketLimit);
  permit_ = std::move(*permit);
  state_ = State::Connecting;
  auto begun = socket_->connect(address);
  if (!begun) failure_ = connect_error(begun.error());
  return {};
}

bool TcpConnection::is_settled() const {
  return state_ != State::Connecting || failure_ || socket_->is_writable();
}

SocketResult<void> TcpConnection::finish_connect() {
  if (state_ == State::Connected) return {};
  if (state_ == State::Closed) return failed(*failure_);
  if (state_ == State::Idle) return failed(SocketError::InvalidState);
  if (!is_settled()) return failed(SocketError::WouldBlock);
  if (!failure_) {
    const int error = socket_->take_error();
    if (error != 0) failure_ = connect_error(error);
  }
  state_ = failure_ ? State::Closed : State::Connected;
  if (!failure_) return {};
  permit_.reset();
  return failed(*failure_);
}

SocketResult<io::SocketAddress> TcpConnection::local_address() const {
  if (state_ == State::Closed) return failed(*failure_);
  if (state_ != State::Connected) return failed(SocketError::InvalidState);
  return from_system(socket_->local_address());
}

SocketResult<io::SocketAddress> TcpConnection::remote_address() const {
  if (state_ == State::Closed) return failed(*failure_);
  if (state_ != State::Connected) return failed(SocketError::InvalidState);
  return from_system(socket_->remote_address());
}

SocketResult<io::IpSocket*> TcpConnection::options() const {
  if (state_ == State::Closed) return failed(*failure_);
  if (state_ == State::Connecting) return failed(SocketError::InvalidState);
  return socket_.get();
}

SocketResult<size_t> TcpConnection::read(std::span<uint8_t> buffer) {
  return from_system(socket_->read(buffer));
}

SocketResult<size_t> TcpConnection::write(std::span<const uint8_t> bytes) {
  return from_system(socket_->write(bytes));
}

void TcpConnection::shutdown(io::IpSocket::Direction direction) {
  // A connection that the peer has broken has nothing left to shut.
  (void)socket_->shutdown(direction);
}

}  // namespace spindle::wasi
