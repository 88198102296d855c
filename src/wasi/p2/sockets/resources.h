#pragma once

// The resources of wasi:sockets@0.2: sockets, streams of datagrams, addresses of a name.
//
// Streams and pollables are children of the socket that they came from: it is dropped after them.

#include <optional>

#include "wasi/core/network.h"
#include "wasi/core/pollable.h"
#include "wasi/core/sockets/socket_waiter.h"
#include "wasi/core/sockets/tcp_connection.h"
#include "wasi/core/sockets/tcp_sender.h"
#include "wasi/core/sockets/udp_port.h"

namespace spindle::wasi::p2 {

class TcpSocket final : public HostResource, public ReadySource {
 public:
  TcpSocket(io::EventLoop& loop, std::shared_ptr<TcpConnection> connection)
      : ReadySource(loop),
        connection(std::move(connection)),
        waiter_(loop, SocketWaiter::For::Writing, [this] { notify(); }) {}

  // What start-connect began: has it ended? Nothing else of the socket itself waits.
  bool is_ready() override;
  Result<void> before_guest_drop() override { return check_no_children(); }

  std::shared_ptr<TcpConnection> connection;
  // From start-connect to finish-connect.
  bool is_connecting = false;
  // What its output stream writes to, once connected.
  std::shared_ptr<TcpSender> sender;
  // Shared with its input stream.
  std::shared_ptr<bool> is_receive_shut = std::make_shared<bool>(false);

 private:
  SocketWaiter waiter_;
};

class TcpInputStream final : public InputStream {
 public:
  explicit TcpInputStream(TcpSocket& socket)
      : InputStream(socket.loop()),
        connection_(socket.connection),
        is_shut_(socket.is_receive_shut),
        link_(socket),
        waiter_(socket.loop(), SocketWaiter::For::Reading, [this] { notify(); }) {}

  bool is_ready() override;
  Result<Streamed<Bytes>> read(uint64_t length) override;

 private:
  std::shared_ptr<TcpConnection> connection_;
  std::shared_ptr<bool> is_shut_;
  Child link_;
  SocketWaiter waiter_;
};

// Ready when everything written before is with the system.
class TcpOutputStream final : public OutputStream {
 public:
  explicit TcpOutputStream(TcpSocket& socket)
      : OutputStream(socket.loop()),
        sender_(socket.sender),
        link_(socket),
        waiter_(socket.loop(), SocketWaiter::For::Writing, [this] { notify(); }) {}

  bool is_ready() override;
  Result<Streamed<uint64_t>> check_write() override;
  Result<Streamed<void>> flush() override;

 protected:
  Result<Streamed<void>> do_write(std::span<const uint8_t> contents) override;

 private:
  StreamEnd take_end();

  std::shared_ptr<TcpSender> sender_;
  Child link_;
  SocketWaiter waiter_;
};

class UdpSocket final : public HostResource, public ReadySource {
 public:
  UdpSocket(io::EventLoop& loop, std::shared_ptr<UdpPort> port)
      : ReadySource(loop), port(std::move(port)) {}

  // Nothing of the socket itself waits.
  bool is_ready() override { return true; }
  Result<void> before_guest_drop() override;

  std::shared_ptr<UdpPort> port;
  // From start-bind to finish-bind.
  bool is_binding = false;
  // The two of the last `stream`.
  Parent streams;
};

class IncomingDatagramStream final : public HostResource, public ReadySource {
 public:
  explicit IncomingDatagramStream(UdpSocket& socket)
      : ReadySource(socket.loop()),
        port(socket.port),
        link_(socket.streams),
        waiter_(socket.loop(), SocketWaiter::For::Reading, [this] { notify(); }) {}

  bool is_ready() override;
  Result<void> before_guest_drop() override { return check_no_children(); }

  std::shared_ptr<UdpPort> port;

 private:
  Child link_;
  SocketWaiter waiter_;
};

class OutgoingDatagramStream final : public HostResource, public ReadySource {
 public:
  explicit OutgoingDatagramStream(UdpSocket& socket)
      : ReadySource(socket.loop()),
        port(socket.port),
        link_(socket.streams),
        waiter_(socket.loop(), SocketWaiter::For::Writing, [this] { notify(); }) {}

  bool is_ready() override;
  Result<void> before_guest_drop() override { return check_no_children(); }

  std::shared_ptr<UdpPort> port;
  // What the last check-send permitted.
  uint64_t permitted = 0;

 private:
  Child link_;
  SocketWaiter waiter_;
};

// One address, that of a literal, which is there at once.
class ResolveAddressStream final : public HostResource, public ReadySource {
 public:
  ResolveAddressStream(io::EventLoop& loop, const io::Endpoint& address)
      : ReadySource(loop), address(address) {}

  bool is_ready() override { return true; }
  Result<void> before_guest_drop() override { return check_no_children(); }

  std::optional<io::Endpoint> address;
};

}  // namespace spindle::wasi::p2
