#include "wasi/p2/sockets/sockets.h"

#include "wasi/p2/sockets/answer.h"

namespace spindle::wasi::p2 {

using sockets::network::ErrorCode;

ErrorCode to_error_code(SocketError error) {
  if (error == SocketError::ConnectionBroken) return ErrorCode::ConnectionReset;
  return static_cast<ErrorCode>(error);
}

SocketAnswer<std::unique_ptr<TcpSocket>> TcpCreateSocketHost::create_tcp_socket(
    IpAddressFamily family) {
  using Answer = std::expected<std::unique_ptr<TcpSocket>, ErrorCode>;
  auto connection = TcpConnection::create(loop_, instance_, family_of(family));
  if (!connection) return Answer(socket_failure(connection.error()));
  return Answer(std::make_unique<TcpSocket>(loop_, std::move(*connection)));
}

SocketAnswer<std::unique_ptr<UdpSocket>> UdpCreateSocketHost::create_udp_socket(
    IpAddressFamily family) {
  using Answer = std::expected<std::unique_ptr<UdpSocket>, ErrorCode>;
  auto port = UdpPort::create(loop_, instance_, family_of(family));
  if (!port) return Answer(socket_failure(port.error()));
  return Answer(std::make_unique<UdpSocket>(loop_, std::move(*port)));
}

SocketAnswer<std::unique_ptr<ResolveAddressStream>> IpNameLookupHost::resolve_addresses(
    Network&, std::string_view name) {
  using Answer = std::expected<std::unique_ptr<ResolveAddressStream>, ErrorCode>;
  auto address = look_up(instance_.sockets, name);
  if (!address) return Answer(socket_failure(address.error()));
  return Answer(std::make_unique<ResolveAddressStream>(loop_, *address));
}

SocketAnswer<std::optional<sockets::network::IpAddress>>
IpNameLookupHost::resolve_address_stream_resolve_next_address(ResolveAddressStream& self) {
  using Address = std::optional<sockets::network::IpAddress>;
  const auto address = std::exchange(self.address, std::nullopt);
  if (!address) return std::expected<Address, ErrorCode>(Address());
  return std::expected<Address, ErrorCode>(to_interface_ip<sockets::network::IpAddress>(*address));
}

Result<std::unique_ptr<Pollable>> IpNameLookupHost::resolve_address_stream_subscribe(
    ResolveAddressStream& self) {
  return std::make_unique<Pollable>(self);
}

}  // namespace spindle::wasi::p2
