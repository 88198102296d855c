#pragma once

// Outcome<T>: a value, or why an outgoing request failed, as a code.
//
// The codes are those by which wasi:http tells guests what happened; the room knows nothing of
// guests, but a proxy needs the same distinctions. Outcome works with TRY and CO_TRY, whose error
// then is a Failure.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"

namespace spindle::http {

enum class FailureCode : uint8_t {
  DnsTimeout,
  DnsError,
  DestinationUnavailable,   // no way there
  DestinationIpProhibited,  // policy forbids every address
  ConnectionRefused,
  ConnectionTerminated,
  ConnectionTimeout,
  ConnectionReadTimeout,
  ConnectionWriteTimeout,
  ConnectionLimitReached,
  TlsProtocolError,
  RequestDenied,    // policy forbids the destination
  RequestBodySize,  // other than the request announced
  RequestMethodInvalid,
  RequestUriInvalid,
  RequestUriTooLong,
  RequestHeaderSectionSize,
  RequestHeaderSize,
  ResponseIncomplete,
  ResponseHeaderSectionSize,
  ResponseTrailerSectionSize,
  ResponseTransferCoding,
  UpgradeFailed,
  ProtocolError,
  InternalError,
};

// `connection-refused`.
std::string_view to_string(FailureCode code);

struct Failure {
  FailureCode code = FailureCode::InternalError;
  std::string message;

  bool operator==(const Failure&) const = default;
  // For those who know only Errors, and back; nothing for other Errors.
  Error to_error() const;
  static std::optional<Failure> from_error(const Error& error);
};

template <typename T>
class [[nodiscard]] Outcome : public std::expected<T, Failure> {
 public:
  using Base = std::expected<T, Failure>;
  using Base::Base;
  Outcome(Failure failure) : Base(std::unexpect, std::move(failure)) {}
  Outcome(FailureCode code, std::string message)
      : Base(std::unexpect, Failure{code, std::move(message)}) {}

  Failure take_error() { return std::move(this->error()); }
  T take_value() {
    if constexpr (!std::is_void_v<T>) return std::move(**this);
  }
};

}  // namespace spindle::http
