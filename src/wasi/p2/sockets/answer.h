#pragma once

// From what a socket says to what wasi:sockets@0.2 answers.

#include "wasi/core/sockets/socket_address.h"
#include "wasi/p2/sockets/sockets.h"

namespace spindle::wasi::p2 {

inline std::unexpected<sockets::network::ErrorCode> socket_failure(SocketError error) {
  return std::unexpected(to_error_code(error));
}

template <typename T>
SocketAnswer<T> socket_answer(SocketResult<T> result) {
  using Answer = std::expected<T, sockets::network::ErrorCode>;
  if (!result) return Answer(socket_failure(result.error()));
  if constexpr (std::is_void_v<T>) {
    return Answer();
  } else {
    return Answer(std::move(*result));
  }
}

inline SocketAnswer<IpSocketAddress> socket_answer(SocketResult<io::SocketAddress> address) {
  using Answer = std::expected<IpSocketAddress, sockets::network::ErrorCode>;
  if (!address) return Answer(socket_failure(address.error()));
  return Answer(to_interface<IpSocketAddress>(*address));
}

}  // namespace spindle::wasi::p2
