#pragma once

// UdpPort: a UDP socket of a guest, whatever version of wasi:sockets it was made by.
//
// The gate is asked for each address that it is bound to, connected to, or sends to; one that it
// sends to over and over is asked for once. Counts as a connection from the beginning to the end.

#include <memory>
#include <optional>

#include "wasi/core/instance_state.h"
#include "wasi/core/sockets/socket_address.h"
#include "wasi/core/sockets/socket_error.h"

namespace spindle::wasi {

class UdpPort {
 public:
  using Family = io::Endpoint::Family;
  // The most that UDP can carry.
  static constexpr size_t kDatagramBytesMax = 65535;
  // Datagrams of others than the peer that one receive() throws away.
  static constexpr int kStrangersMax = 64;

  struct Datagram {
    Bytes data;
    io::SocketAddress from;
  };

  static SocketResult<std::shared_ptr<UdpPort>> create(io::EventLoop& loop, InstanceState& instance,
                                                       Family family);
  UdpPort(std::unique_ptr<io::IpSocket> socket, Family family, SocketGate& gate,
          DescriptorBudget::Permit descriptor)
      : descriptor_(std::move(descriptor)),
        socket_(std::move(socket)),
        family_(family),
        gate_(gate) {}

  SocketResult<void> bind(const io::SocketAddress& address);
  SocketResult<void> connect(const io::SocketAddress& address);
  SocketResult<void> disconnect();
  bool is_bound() const { return is_bound_; }
  bool is_connected() const { return remote_.has_value(); }

  // To the peer where there is no address. WouldBlock: wait until it is writable.
  SocketResult<void> send(std::span<const uint8_t> data,
                          const std::optional<io::SocketAddress>& to);
  // WouldBlock: wait until it is readable.
  SocketResult<Datagram> receive();

  Family family() const { return family_; }
  SocketResult<io::SocketAddress> local_address() const;
  SocketResult<io::SocketAddress> remote_address() const;
  const std::shared_ptr<io::IpSocket>& socket() const { return socket_; }

 private:
  SocketResult<void> check_target(const io::SocketAddress& to);

  DescriptorBudget::Permit descriptor_;
  ConnectionPermit permit_;
  std::shared_ptr<io::IpSocket> socket_;
  Family family_;
  SocketGate& gate_;
  bool is_bound_ = false;
  std::optional<io::SocketAddress> remote_;
  // The last address that the gate let through.
  std::optional<io::Endpoint> permitted_;
  // Made by the first receive().
  Bytes buffer_;
};

}  // namespace spindle::wasi
