#pragma once

// Error codes of wasi:sockets, those of all its versions together, and how the system's errors
// become them. What has no code of its own is `Unknown`.

#include <cstdint>
#include <expected>
#include <string_view>

#include "wasi/core/streams.h"

namespace spindle::wasi {

// Up to PermanentResolverFailure in the order of the error-code enum of 0.2.
enum class SocketError : uint8_t {
  Unknown,
  AccessDenied,
  NotSupported,
  InvalidArgument,
  OutOfMemory,
  Timeout,
  ConcurrencyConflict,
  NotInProgress,
  WouldBlock,
  InvalidState,
  NewSocketLimit,
  AddressNotBindable,
  AddressInUse,
  RemoteUnreachable,
  ConnectionRefused,
  ConnectionReset,
  ConnectionAborted,
  DatagramTooLarge,
  NameUnresolvable,
  TemporaryResolverFailure,
  PermanentResolverFailure,
  // Of 0.3; a closed stream in 0.2.
  ConnectionBroken,
};

template <typename T>
using SocketResult = std::expected<T, SocketError>;

SocketError socket_error_from_errno(int number);
// `connection-refused`, as the interface writes it.
std::string_view name_of(SocketError error);

// What a stream over a socket fails with.
class SocketIoError final : public IoError {
 public:
  explicit SocketIoError(SocketError code) : IoError(std::string(name_of(code))), code_(code) {}
  SocketError code() const { return code_; }

 private:
  SocketError code_;
};

// A value of the system as one of the interface.
template <typename T>
SocketResult<T> from_system(std::expected<T, int> result) {
  if (!result) return std::unexpected(socket_error_from_errno(result.error()));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*result);
  }
}

}  // namespace spindle::wasi
