#include "wasi/core/sockets/socket_address.h"

#include <algorithm>

namespace spindle::wasi {

namespace {

using Family = io::Endpoint::Family;

// An IPv4 address as an IPv6 one: ::ffff:a.b.c.d.
bool is_mapped(const io::Endpoint& endpoint) {
  return endpoint.family == Family::V6 &&
         std::ranges::all_of(std::span(endpoint.address).first(10),
                             [](uint8_t byte) { return byte == 0; }) &&
         endpoint.address[10] == 0xff && endpoint.address[11] == 0xff;
}

// The deprecated ::a.b.c.d, which `::` and `::1` look like and are not.
bool is_compatible(const io::Endpoint& endpoint) {
  const auto& bytes = endpoint.address;
  const bool begins_with_zeroes =
      endpoint.family == Family::V6 &&
      std::ranges::all_of(std::span(bytes).first(12), [](uint8_t byte) { return byte == 0; });
  if (!begins_with_zeroes) return false;
  return bytes[12] != 0 || bytes[13] != 0 || bytes[14] != 0 || bytes[15] > 1;
}

io::Endpoint canonical(const io::Endpoint& endpoint) {
  if (!is_mapped(endpoint)) return endpoint;
  io::Endpoint v4{.family = Family::V4, .port = endpoint.port};
  std::copy_n(endpoint.address.begin() + 12, 4, v4.address.begin());
  return v4;
}

}  // namespace

bool is_of_family(const io::Endpoint& endpoint, Family family) {
  return endpoint.family == family && !is_mapped(endpoint) && !is_compatible(endpoint);
}

bool is_unicast(const io::Endpoint& endpoint) {
  const auto address = canonical(endpoint);
  const auto& bytes = address.address;
  if (address.family == Family::V6) return bytes[0] != 0xff;
  const bool is_group = bytes[0] >= 224 && bytes[0] < 240;
  const bool is_broadcast =
      std::ranges::all_of(std::span(bytes).first(4), [](uint8_t byte) { return byte == 0xff; });
  return !is_group && !is_broadcast;
}

bool is_valid_remote(const io::Endpoint& endpoint) {
  const auto address = canonical(endpoint);
  return endpoint.port != 0 &&
         std::ranges::any_of(address.address, [](uint8_t byte) { return byte != 0; });
}

SocketResult<io::Endpoint> look_up(const SocketGate& gate, std::string_view name) {
  if (!gate.is_open()) return std::unexpected(SocketError::AccessDenied);
  const bool is_bracketed = name.starts_with('[') && name.ends_with(']');
  auto literal = io::parse_ip_literal(is_bracketed ? name.substr(1, name.size() - 2) : name);
  if (!literal || (is_bracketed && literal->family != Family::V6)) {
    return std::unexpected(SocketError::PermanentResolverFailure);
  }
  return canonical(*literal);
}

namespace address_detail {

std::array<uint8_t, 16> bytes_of(const Ipv4& address) {
  const auto& [a, b, c, d] = address;
  return {a, b, c, d};
}

std::array<uint8_t, 16> bytes_of(const Ipv6& address) {
  return std::apply(
      [](auto... groups) {
        std::array<uint8_t, 16> bytes{};
        size_t at = 0;
        for (const uint16_t group : {groups...}) {
          bytes[at++] = static_cast<uint8_t>(group >> 8);
          bytes[at++] = static_cast<uint8_t>(group);
        }
        return bytes;
      },
      address);
}

Ipv4 v4_of(const io::Endpoint& endpoint) {
  const auto& bytes = endpoint.address;
  return {bytes[0], bytes[1], bytes[2], bytes[3]};
}

Ipv6 v6_of(const io::Endpoint& endpoint) {
  const auto group = [&](size_t index) {
    return static_cast<uint16_t>(endpoint.address[2 * index] << 8 |
                                 endpoint.address[2 * index + 1]);
  };
  return {group(0), group(1), group(2), group(3), group(4), group(5), group(6), group(7)};
}

}  // namespace address_detail

}  // namespace spindle::wasi
