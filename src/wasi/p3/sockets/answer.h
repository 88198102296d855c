#pragma once

// From what a socket says to what wasi:sockets@0.3 answers.

#include "wasi/core/sockets/socket_address.h"
#include "wasi/p3/sockets/sockets.h"

namespace spindle::wasi::p3 {

inline std::unexpected<SocketCode> socket_failure(SocketError error) {
  return std::unexpected(to_error_code(error));
}

template <typename T>
std::expected<T, SocketCode> socket_answer(SocketResult<T> result) {
  if (!result) return socket_failure(result.error());
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*result);
  }
}

inline std::expected<IpSocketAddress, SocketCode> socket_answer(
    SocketResult<io::SocketAddress> address) {
  if (!address) return socket_failure(address.error());
  return to_interface<IpSocketAddress>(*address);
}

}  // namespace spindle::wasi::p3
