#include "wasi/core/sockets/udp_port.h"

#include <cerrno>

namespace spindle::wasi {

namespace {

std::unexpected<SocketError> failed(SocketError error) {
  return std::unexpected(error);
}

}  // namespace

SocketResult<std::shared_ptr<UdpPort>> UdpPort::create(io::EventLoop& loop, InstanceState& instance,
                                                       Family family) {
  if (!instance.sockets.is_open()) return failed(SocketError::AccessDenied);
  auto permit = instance.sockets.take_permit();
  auto descriptor = instance.descriptors.acquire();
  if (!permit || !descriptor) return failed(SocketError::NewSocketLimit);
  auto socket = from_system(io::IpSocket::create(loop, family, io::Transport::Udp));
  if (!socket) return failed(socket.error());
  auto port = std::make_shared<UdpPort>(std::move(*socket), family, instance.sockets,
                                        std::move(*descriptor));
  port->permit_ = std::move(*permit);
  return port;
}

SocketResult<void> UdpPort::bind(const io::SocketAddress& address) {
  if (is_bound_) return failed(SocketError::InvalidState);
  if (!is_of_family(address.endpoint, family_)) return failed(SocketError::InvalidArgument);
  if (!gate_.permits(io::Transport::Udp, address.endpoint)) {
    return failed(SocketError::AccessDenied);
  }
  auto bound = from_system(socket_->bind(address));
  is_bound_ = bound.has_value();
  return bound;
}

SocketResult<void> UdpPort::check_target(const io::SocketAddress& to) {
  if (!is_of_family(to.endpoint, family_) || !is_valid_remote(to.endpoint)) {
    return failed(SocketError::InvalidArgument);
  }
  if (permitted_ == to.endpoint) return {};
  if (!gate_.permits(io::Transport::Udp, to.endpoint)) return failed(SocketError::AccessDenied);
  permitted_ = to.endpoint;
  return {};
}

SocketResult<void> UdpPort::connect(const io::SocketAddress& address) {
  auto checked = check_target(address);
  if (!checked) return checked;
  auto connected = socket_->connect(address);
  // Linux keeps the local address of the old peer's route; without a peer there is none to keep.
  if (!connected && connected.error() == EINVAL) {
    (void)socket_->disconnect();
    connected = socket_->connect(address);
  }
  remote_.reset();
  if (!connected) return from_system(std::move(connected));
  is_bound_ = true;
  remote_ = address;
  return {};
}

SocketResult<void> UdpPort::disconnect() {
  if (!remote_) return failed(SocketError::InvalidState);
  remote_.reset();
  return from_system(socket_->disconnect());
}

SocketResult<void> UdpPort::send(std::span<const uint8_t> data,
                                 const std::optional<io::SocketAddress>& to) {
  if (data.size() > kDatagramBytesMax) return failed(SocketError::DatagramTooLarge);
  if (!to && !remote_) return failed(SocketError::InvalidArgument);
  if (to && remote_ && to->endpoint != remote_->endpoint) {
    return failed(SocketError::InvalidArgument);
  }
  auto checked = check_target(to ? *to : *remote_);
  if (!checked) return checked;
  auto sent = from_system(socket_->send(data, remote_ ? nullptr : &*to));
  if (!sent) return failed(sent.error());
  is_bound_ = true;
  return {};
}

SocketResult<UdpPort::Datagram> UdpPort::receive() {
  if (!is_bound_) return failed(SocketError::InvalidState);
  if (buffer_.empty()) buffer_.resize(kDatagramBytesMax);
  for (int stranger = 0; stranger < kStrangersMax; ++stranger) {
    auto received = from_system(socket_->receive(buffer_));
    if (!received) return failed(received.error());
    // Those that came before the socket was connected are still there.
    if (remote_ && received->from.endpoint != remote_->endpoint) continue;
    return Datagram{
        Bytes(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(received->size)),
        received->from};
  }
  return failed(SocketError::WouldBlock);
}

SocketResult<io::SocketAddress> UdpPort::local_address() const {
  if (!is_bound_) return failed(SocketError::InvalidState);
  return from_system(socket_->local_address());
}

SocketResult<io::SocketAddress> UdpPort::remote_address() const {
  if (!remote_) return failed(SocketError::InvalidState);
  return *remote_;
}

}  // namespace spindle::wasi
