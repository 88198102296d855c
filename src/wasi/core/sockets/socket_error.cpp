#include "wasi/core/sockets/socket_error.h"

#include <array>
#include <cerrno>

namespace spindle::wasi {

SocketError socket_error_from_errno(int number) {
  switch (number) {
    case EACCES:
    case EPERM: return SocketError::AccessDenied;
    case EOPNOTSUPP:
    case ENOPROTOOPT:
    case EPFNOSUPPORT:
    case EPROTONOSUPPORT:
    case ESOCKTNOSUPPORT: return SocketError::NotSupported;
    case EINVAL:
    case EDESTADDRREQ:
    case EAFNOSUPPORT: return SocketError::InvalidArgument;
    case ENOMEM:
    case ENOBUFS: return SocketError::OutOfMemory;
    case ETIMEDOUT: return SocketError::Timeout;
    case EALREADY: return SocketError::ConcurrencyConflict;
    case EAGAIN: return SocketError::WouldBlock;
    case EISCONN:
    case ENOTCONN: return SocketError::InvalidState;
    case EMFILE:
    case ENFILE: return SocketError::NewSocketLimit;
    case EADDRNOTAVAIL: return SocketError::AddressNotBindable;
    case EADDRINUSE: return SocketError::AddressInUse;
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET: return SocketError::RemoteUnreachable;
    case ECONNREFUSED: return SocketError::ConnectionRefused;
    case ECONNRESET:
    case ENETRESET: return SocketError::ConnectionReset;
    case ECONNABORTED: return SocketError::ConnectionAborted;
    case EMSGSIZE: return SocketError::DatagramTooLarge;
    case EPIPE: return SocketError::ConnectionBroken;
    default: return SocketError::Unknown;
  }
}

std::string_view name_of(SocketError error) {
  static constexpr std::array<std::string_view, 22> kNames = {
      "unknown",
      "access-denied",
      "not-supported",
      "invalid-argument",
      "out-of-memory",
      "timeout",
      "concurrency-conflict",
      "not-in-progress",
      "would-block",
      "invalid-state",
      "new-socket-limit",
      "address-not-bindable",
      "address-in-use",
      "remote-unreachable",
      "connection-refused",
      "connection-reset",
      "connection-aborted",
      "datagram-too-large",
      "name-unresolvable",
      "temporary-resolver-failure",
      "permanent-resolver-failure",
      "connection-broken",
  };
  return kNames[static_cast<size_t>(error)];
}

}  // namespace spindle::wasi
