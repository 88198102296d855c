#pragma once

// The resources of wasi:sockets@0.3. A socket and the streams that it gave share the connection;
// the last of them closes it.

#include "wasi/core/sockets/tcp_connection.h"
#include "wasi/core/sockets/udp_port.h"

namespace spindle::wasi::p3 {

class TcpSocket final : public HostResource {
 public:
  explicit TcpSocket(std::shared_ptr<TcpConnection> connection)
      : connection(std::move(connection)) {}

  std::shared_ptr<TcpConnection> connection;
  // Each may be had once.
  bool is_send_taken = false;
  bool is_receive_taken = false;
};

class UdpSocket final : public HostResource {
 public:
  explicit UdpSocket(std::shared_ptr<UdpPort> port) : port(std::move(port)) {}

  std::shared_ptr<UdpPort> port;
};

}  // namespace spindle::wasi::p3
