#include "wasi/core/sockets/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <limits>

namespace spindle::wasi {

namespace {

constexpr uint64_t kNanosecondsPerSecond = 1'000'000'000;
// What Linux takes (MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL, MAX_TCP_KEEPCNT).
constexpr uint64_t kKeepAliveSecondsMax = 32767;
constexpr uint32_t kKeepAliveCountMax = 127;

std::unexpected<SocketError> invalid_argument() {
  return std::unexpected(SocketError::InvalidArgument);
}

struct Option {
  int level;
  int name;
};

Option hop_option(io::Endpoint::Family family) {
  if (family == io::Endpoint::Family::V6) return {IPPROTO_IPV6, IPV6_UNICAST_HOPS};
  return {IPPROTO_IP, IP_TTL};
}

Option buffer_option(SocketBuffer buffer) {
  return {SOL_SOCKET, buffer == SocketBuffer::Receive ? SO_RCVBUF : SO_SNDBUF};
}

Option keep_alive_option(KeepAliveTime which) {
  return {IPPROTO_TCP, which == KeepAliveTime::Idle ? TCP_KEEPIDLE : TCP_KEEPINTVL};
}

template <typename T>
SocketResult<T> get(const io::IpSocket& socket, Option option) {
  auto value = from_system(socket.option(option.level, option.name));
  if (!value) return std::unexpected(value.error());
  return static_cast<T>(*value);
}

SocketResult<void> set(io::IpSocket& socket, Option option, int value) {
  return from_system(socket.set_option(option.level, option.name, value));
}

}  // namespace

SocketResult<uint8_t> hop_limit(const io::IpSocket& socket, io::Endpoint::Family family) {
  return get<uint8_t>(socket, hop_option(family));
}

SocketResult<void> set_hop_limit(io::IpSocket& socket, io::Endpoint::Family family, uint8_t value) {
  if (value == 0) return invalid_argument();
  return set(socket, hop_option(family), value);
}

// Linux doubles what it is told, for its own bookkeeping, and tells the double.
SocketResult<uint64_t> buffer_size(const io::IpSocket& socket, SocketBuffer buffer) {
  auto size = get<uint64_t>(socket, buffer_option(buffer));
  if (!size) return size;
  return *size / 2;
}

SocketResult<void> set_buffer_size(io::IpSocket& socket, SocketBuffer buffer, uint64_t value) {
  if (value == 0) return invalid_argument();
  constexpr uint64_t kMax = std::numeric_limits<int>::max();
  return set(socket, buffer_option(buffer), static_cast<int>(std::min(value, kMax)));
}

SocketResult<bool> keep_alive_enabled(const io::IpSocket& socket) {
  return get<bool>(socket, {SOL_SOCKET, SO_KEEPALIVE});
}

SocketResult<void> set_keep_alive_enabled(io::IpSocket& socket, bool is_enabled) {
  return set(socket, {SOL_SOCKET, SO_KEEPALIVE}, is_enabled ? 1 : 0);
}

SocketResult<uint64_t> keep_alive_time(const io::IpSocket& socket, KeepAliveTime which) {
  auto seconds = get<uint64_t>(socket, keep_alive_option(which));
  if (!seconds) return seconds;
  return *seconds * kNanosecondsPerSecond;
}

SocketResult<void> set_keep_alive_time(io::IpSocket& socket, KeepAliveTime which, uint64_t value) {
  if (value == 0) return invalid_argument();
  const uint64_t rounded_up = (value - 1) / kNanosecondsPerSecond + 1;
  return set(socket, keep_alive_option(which),
             static_cast<int>(std::min(rounded_up, kKeepAliveSecondsMax)));
}

SocketResult<uint32_t> keep_alive_count(const io::IpSocket& socket) {
  return get<uint32_t>(socket, {IPPROTO_TCP, TCP_KEEPCNT});
}

SocketResult<void> set_keep_alive_count(io::IpSocket& socket, uint32_t value) {
  if (value == 0) return invalid_argument();
  return set(socket, {IPPROTO_TCP, TCP_KEEPCNT},
             static_cast<int>(std::min(value, kKeepAliveCountMax)));
}

}  // namespace spindle::wasi
