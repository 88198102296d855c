#pragma once

// IpSocket: a non-blocking TCP or UDP socket of the system, for those who must see it as it is: its
// states, its options, the numbers of its errors (the sockets of guests). Connections of the host
// itself are ByteStreams (tcp.h).
//
// Every operation is a step that never waits: what cannot be done now fails with EAGAIN, and
// readable() or writable() wait until it is worth another try. Closed when it is destroyed; who
// waits shares it.

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "io/event_loop.h"
#include "io/stream.h"

namespace spindle::io {

enum class Transport : uint8_t { Tcp, Udp };

struct SocketAddress {
  Endpoint endpoint;
  // Of IPv6.
  uint32_t flow_info = 0;
  uint32_t scope_id = 0;

  bool operator==(const SocketAddress&) const = default;
};

// A value, or errno.
template <typename T>
using SystemResult = std::expected<T, int>;

class IpSocket {
 public:
  enum class Direction : uint8_t { Receive, Send };
  struct Datagram {
    size_t size = 0;
    SocketAddress from;
  };

  // IPv6 sockets speak IPv6 only.
  static SystemResult<std::unique_ptr<IpSocket>> create(EventLoop& loop, Endpoint::Family family,
                                                        Transport transport);
  virtual ~IpSocket() = default;

  virtual SystemResult<void> bind(const SocketAddress& address) = 0;
  // TCP: begun when it returns; once is_writable(), take_error() says how it ended.
  virtual SystemResult<void> connect(const SocketAddress& address) = 0;
  // UDP: no peer from now on.
  virtual SystemResult<void> disconnect() = 0;
  // The pending error, which is gone then; 0 for none.
  virtual int take_error() = 0;
  // 0 bytes: the end of input.
  virtual SystemResult<size_t> read(std::span<uint8_t> buffer) = 0;
  virtual SystemResult<size_t> write(std::span<const uint8_t> bytes) = 0;
  // `to` is null for the peer that it is connected to.
  virtual SystemResult<size_t> send(std::span<const uint8_t> bytes, const SocketAddress* to) = 0;
  virtual SystemResult<Datagram> receive(std::span<uint8_t> buffer) = 0;
  virtual SystemResult<void> shutdown(Direction direction) = 0;

  virtual SystemResult<SocketAddress> local_address() const = 0;
  virtual SystemResult<SocketAddress> remote_address() const = 0;
  // getsockopt(2), setsockopt(2).
  virtual SystemResult<int> option(int level, int name) const = 0;
  virtual SystemResult<void> set_option(int level, int name, int value) = 0;

  // Whether a step would not fail with EAGAIN.
  virtual bool is_readable() const = 0;
  virtual bool is_writable() const = 0;
  // Until that may be so; may end early.
  virtual Task<void> readable() = 0;
  virtual Task<void> writable() = 0;
};

// `127.0.0.1`, `::1`, without a port; nothing for what is no IP literal.
std::optional<Endpoint> parse_ip_literal(std::string_view text);

}  // namespace spindle::io
