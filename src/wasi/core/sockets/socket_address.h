#pragma once

// Addresses of wasi:sockets: which of them may be used for what, and how those of the generated
// bindings, which every version has of its own, become io::SocketAddress and back.

#include <tuple>
#include <utility>
#include <variant>

#include "io/socket.h"
#include "wasi/core/sockets/socket_error.h"
#include "wasi/core/sockets/socket_gate.h"

namespace spindle::wasi {

// The family of the socket; IPv4 addresses in IPv6 clothes belong to neither.
bool is_of_family(const io::Endpoint& endpoint, io::Endpoint::Family family);
// No group and no broadcast.
bool is_unicast(const io::Endpoint& endpoint);
// Neither the unspecified address nor port 0.
bool is_valid_remote(const io::Endpoint& endpoint);
// The address of an IP literal, with or without brackets; names are not resolved for guests.
SocketResult<io::Endpoint> look_up(const SocketGate& gate, std::string_view name);

template <typename Family>
io::Endpoint::Family family_of(Family family) {
  return family == Family::Ipv4 ? io::Endpoint::Family::V4 : io::Endpoint::Family::V6;
}

template <typename Family>
Family to_interface_family(io::Endpoint::Family family) {
  return family == io::Endpoint::Family::V4 ? Family::Ipv4 : Family::Ipv6;
}

namespace address_detail {

using Ipv4 = std::tuple<uint8_t, uint8_t, uint8_t, uint8_t>;
using Ipv6 =
    std::tuple<uint16_t, uint16_t, uint16_t, uint16_t, uint16_t, uint16_t, uint16_t, uint16_t>;

std::array<uint8_t, 16> bytes_of(const Ipv4& address);
std::array<uint8_t, 16> bytes_of(const Ipv6& address);
Ipv4 v4_of(const io::Endpoint& endpoint);
Ipv6 v6_of(const io::Endpoint& endpoint);

}  // namespace address_detail

// `Address` is an ip-socket-address.
template <typename Address>
io::SocketAddress from_interface(const Address& from) {
  io::SocketAddress to;
  if (const auto* v4 = std::get_if<typename Address::Ipv4>(&from.value)) {
    to.endpoint.family = io::Endpoint::Family::V4;
    to.endpoint.address = address_detail::bytes_of(v4->value.address);
    to.endpoint.port = v4->value.port;
    return to;
  }
  const auto& v6 = std::get<typename Address::Ipv6>(from.value).value;
  to.endpoint.family = io::Endpoint::Family::V6;
  to.endpoint.address = address_detail::bytes_of(v6.address);
  to.endpoint.port = v6.port;
  to.flow_info = v6.flow_info;
  to.scope_id = v6.scope_id;
  return to;
}

template <typename Address>
Address to_interface(const io::SocketAddress& from) {
  if (from.endpoint.family == io::Endpoint::Family::V4) {
    typename Address::Ipv4 v4;
    v4.value.port = from.endpoint.port;
    v4.value.address = address_detail::v4_of(from.endpoint);
    return Address{v4};
  }
  typename Address::Ipv6 v6;
  v6.value.port = from.endpoint.port;
  v6.value.address = address_detail::v6_of(from.endpoint);
  v6.value.flow_info = from.flow_info;
  v6.value.scope_id = from.scope_id;
  return Address{v6};
}

// `Address` is an ip-address.
template <typename Address>
Address to_interface_ip(const io::Endpoint& from) {
  if (from.family == io::Endpoint::Family::V4) {
    return Address{typename Address::Ipv4{address_detail::v4_of(from)}};
  }
  return Address{typename Address::Ipv6{address_detail::v6_of(from)}};
}

}  // namespace spindle::wasi
