#pragma once

// TcpConnection: a TCP socket of a guest, whatever version of wasi:sockets it was made by.
//
//   Idle ── start_connect() ──▶ Connecting ── finish_connect() ──▶ Connected
//                                    └───────────────────────────▶ Closed (with the reason)
//
// Guests cannot wait for connections: bind() and listen() are access-denied. Before a connection
// the gate is asked, and a permit is taken that is given back when the socket is gone. The
// resource and its streams share the connection; the last one closes it.

#include <memory>
#include <optional>

#include "wasi/core/instance_state.h"
#include "wasi/core/sockets/socket_address.h"
#include "wasi/core/sockets/socket_error.h"

namespace spindle::wasi {

class TcpConnection {
 public:
  using Family = io::Endpoint::Family;

  static SocketResult<std::shared_ptr<TcpConnection>> create(io::EventLoop& loop,
                                                             InstanceState& instance,
                                                             Family family);
  TcpConnection(std::unique_ptr<io::IpSocket> socket, Family family, SocketGate& gate,
                DescriptorBudget::Permit descriptor)
      : descriptor_(std::move(descriptor)),
        socket_(std::move(socket)),
        family_(family),
        gate_(gate) {}

  // What it would fail with first, then that it is denied.
  SocketError bind(const io::SocketAddress& address) const;
  SocketError listen() const;
  SocketResult<void> check_backlog(uint64_t value) const;

  SocketResult<void> start_connect(const io::SocketAddress& address);
  // Whether finish_connect() has something else to say than WouldBlock.
  bool is_settled() const;
  SocketResult<void> finish_connect();
  bool is_connected() const { return state_ == State::Connected; }

  Family family() const { return family_; }
  SocketResult<io::SocketAddress> local_address() const;
  SocketResult<io::SocketAddress> remote_address() const;
  // For options; an error while it connects and when it is closed.
  SocketResult<io::IpSocket*> options() const;

  // The bytes that are there; none at the end, WouldBlock when there are none yet.
  SocketResult<size_t> read(std::span<uint8_t> buffer);
  // How many of the bytes there is room for; WouldBlock for none.
  SocketResult<size_t> write(std::span<const uint8_t> bytes);
  // No more is read, or written.
  void shutdown(io::IpSocket::Direction direction);

  const std::shared_ptr<io::IpSocket>& socket() const { return socket_; }

 private:
  enum class State : uint8_t { Idle, Connecting, Connected, Closed };

  DescriptorBudget::Permit descriptor_;
  ConnectionPermit permit_;
  std::shared_ptr<io::IpSocket> socket_;
  Family family_;
  SocketGate& gate_;
  State state_ = State::Idle;
  // Why it is closed, or will be when the attempt is finished.
  std::optional<SocketError> failure_;
};

}  // namespace spindle::wasi
