#include "wasi/core/sockets/tcp_sender.h"

namespace spindle::wasi {

bool TcpSender::is_ready() {
  send_rest();
  return rest_.empty();
}

void TcpSender::write(std::span<const uint8_t> bytes) {
  VERIFY(rest_.empty() && !failure_);
  while (!bytes.empty()) {
    auto written = connection_->write(bytes);
    if (!written && written.error() != SocketError::WouldBlock) {
      failure_ = written.error();
      return;
    }
    if (!written) break;
    bytes = bytes.subspan(*written);
  }
  if (bytes.empty()) return;
  rest_.assign(bytes.begin(), bytes.end());
  sent_ = 0;
  instance_.background.spawn(drain(shared_from_this()));
}

void TcpSender::close() {
  if (is_closing_ || failure_) return;
  is_closing_ = true;
  if (rest_.empty()) finish();
}

void TcpSender::send_rest() {
  while (!rest_.empty()) {
    auto written = connection_->write(std::span(rest_).subspan(sent_));
    if (!written && written.error() == SocketError::WouldBlock) return;
    if (!written) {
      failure_ = written.error();
      rest_.clear();
      return;
    }
    sent_ += *written;
    if (sent_ < rest_.size()) continue;
    rest_.clear();
    if (is_closing_) finish();
  }
}

void TcpSender::finish() {
  connection_->shutdown(io::IpSocket::Direction::Send);
  failure_ = SocketError::ConnectionBroken;
}

io::Task<void> TcpSender::drain(std::shared_ptr<TcpSender> self) {
  while (!self->is_ready()) {
    auto waiting = self->connection_->socket()->writable();
    co_await std::move(waiting);
  }
}

}  // namespace spindle::wasi
