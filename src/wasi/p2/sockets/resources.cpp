#include "wasi/p2/sockets/resources.h"

namespace spindle::wasi::p2 {

bool TcpSocket::is_ready() {
  if (!is_connecting || connection->is_settled()) return true;
  waiter_.start(connection->socket());
  return false;
}

bool TcpInputStream::is_ready() {
  if (*is_shut_ || connection_->socket()->is_readable()) return true;
  waiter_.start(connection_->socket());
  return false;
}

Result<Streamed<Bytes>> TcpInputStream::read(uint64_t length) {
  if (*is_shut_) return Streamed<Bytes>(StreamEnd::closed());
  Bytes bytes(std::min<uint64_t>(length, kStreamChunkBytesMax));
  if (bytes.empty()) return Streamed<Bytes>(std::move(bytes));
  auto count = connection_->read(bytes);
  if (!count && count.error() == SocketError::WouldBlock) return Streamed<Bytes>(Bytes());
  if (count && *count > 0) {
    bytes.resize(*count);
    return Streamed<Bytes>(std::move(bytes));
  }
  // Told once, then it is just closed.
  *is_shut_ = true;
  if (count) return Streamed<Bytes>(StreamEnd::closed());
  return Streamed<Bytes>(StreamEnd::failed(std::make_unique<SocketIoError>(count.error())));
}

bool TcpOutputStream::is_ready() {
  if (sender_->is_ready()) return true;
  waiter_.start(sender_->connection()->socket());
  return false;
}

StreamEnd TcpOutputStream::take_end() {
  const SocketError failure = *sender_->failure();
  if (failure == SocketError::ConnectionBroken) return StreamEnd{};
  sender_->forget_failure();
  return StreamEnd{std::make_unique<SocketIoError>(failure)};
}

Result<Streamed<uint64_t>> TcpOutputStream::check_write() {
  if (!sender_->is_ready()) return Streamed<uint64_t>(0);
  if (sender_->failure()) return Streamed<uint64_t>(std::unexpected(take_end()));
  return Streamed<uint64_t>(kStreamChunkBytesMax);
}

Result<Streamed<void>> TcpOutputStream::flush() {
  if (sender_->failure()) return Streamed<void>(std::unexpected(take_end()));
  return Streamed<void>();
}

Result<Streamed<void>> TcpOutputStream::do_write(std::span<const uint8_t> contents) {
  sender_->write(contents);
  if (sender_->failure()) return Streamed<void>(std::unexpected(take_end()));
  return Streamed<void>();
}

Result<void> UdpSocket::before_guest_drop() {
  TRY(streams.check_no_children());
  return check_no_children();
}

bool IncomingDatagramStream::is_ready() {
  if (port->socket()->is_readable()) return true;
  waiter_.start(port->socket());
  return false;
}

bool OutgoingDatagramStream::is_ready() {
  if (port->socket()->is_writable()) return true;
  waiter_.start(port->socket());
  return false;
}

}  // namespace spindle::wasi::p2
