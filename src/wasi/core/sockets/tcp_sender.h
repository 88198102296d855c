#pragma once

// TcpSender: the sending half of a connection where the guest hands its bytes over (wasi 0.2).
//
// write() sends what the system takes at once, straight from the guest's memory, and keeps a copy
// of the rest, which goes out in the background, waited for or not. More is taken only when the
// rest is gone, so what is kept never exceeds one write.

#include <memory>
#include <optional>

#include "wasi/core/sockets/tcp_connection.h"

namespace spindle::wasi {

class TcpSender : public std::enable_shared_from_this<TcpSender> {
 public:
  // What goes on in the background belongs to `instance`.
  TcpSender(std::shared_ptr<TcpConnection> connection, InstanceState& instance)
      : connection_(std::move(connection)), instance_(instance) {}

  // Whether write() or failure() has something to say. Sends of the rest what it can.
  bool is_ready();
  // When it is ready and has not failed; at most kStreamChunkBytesMax.
  void write(std::span<const uint8_t> bytes);
  // Once nothing is sent any more; ConnectionBroken when the guest ended it.
  const std::optional<SocketError>& failure() const { return failure_; }
  // The failure is told once; then it is just closed.
  void forget_failure() { failure_ = SocketError::ConnectionBroken; }
  // The end of what is sent, after the rest.
  void close();

  const std::shared_ptr<TcpConnection>& connection() const { return connection_; }

 private:
  void send_rest();
  void finish();
  static io::Task<void> drain(std::shared_ptr<TcpSender> self);

  std::shared_ptr<TcpConnection> connection_;
  InstanceState& instance_;
  Bytes rest_;
  size_t sent_ = 0;
  bool is_closing_ = false;
  std::optional<SocketError> failure_;
};

}  // namespace spindle::wasi
