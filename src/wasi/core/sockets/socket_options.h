#pragma once

// Options of sockets as wasi:sockets words them: 0 is an invalid argument, everything else is
// accepted and clamped to what the system can do, so that reading an option back may give another
// value.

#include "io/socket.h"
#include "wasi/core/sockets/socket_error.h"

namespace spindle::wasi {

SocketResult<uint8_t> hop_limit(const io::IpSocket& socket, io::Endpoint::Family family);
SocketResult<void> set_hop_limit(io::IpSocket& socket, io::Endpoint::Family family, uint8_t value);

enum class SocketBuffer : uint8_t { Receive, Send };
SocketResult<uint64_t> buffer_size(const io::IpSocket& socket, SocketBuffer buffer);
SocketResult<void> set_buffer_size(io::IpSocket& socket, SocketBuffer buffer, uint64_t value);

SocketResult<bool> keep_alive_enabled(const io::IpSocket& socket);
SocketResult<void> set_keep_alive_enabled(io::IpSocket& socket, bool is_enabled);
// Nanoseconds, kept as whole seconds.
enum class KeepAliveTime : uint8_t { Idle, Interval };
SocketResult<uint64_t> keep_alive_time(const io::IpSocket& socket, KeepAliveTime which);
SocketResult<void> set_keep_alive_time(io::IpSocket& socket, KeepAliveTime which, uint64_t value);
SocketResult<uint32_t> keep_alive_count(const io::IpSocket& socket);
SocketResult<void> set_keep_alive_count(io::IpSocket& socket, uint32_t value);

}  // namespace spindle::wasi
