#pragma once

// The mapping of outbound.h, apart because each version of wasi:http has variants of its own.

#include "wasi/core/http/outbound.h"

namespace spindle::wasi {

template <typename ErrorCode>
ErrorCode to_error_code(const http::Failure& failure) {
  using enum http::FailureCode;
  switch (failure.code) {
    case DnsTimeout: return {.value = typename ErrorCode::DnsTimeout{}};
    case DnsError:
      // As Spin says it, whatever the resolver said.
      return {.value = typename ErrorCode::DnsError{
                  {.rcode = "address not available", .info_code = uint16_t{0}}}};
    case DestinationUnavailable: return {.value = typename ErrorCode::DestinationUnavailable{}};
    case DestinationIpProhibited: return {.value = typename ErrorCode::DestinationIpProhibited{}};
    case ConnectionRefused: return {.value = typename ErrorCode::ConnectionRefused{}};
    case ConnectionTerminated: return {.value = typename ErrorCode::ConnectionTerminated{}};
    case ConnectionTimeout: return {.value = typename ErrorCode::ConnectionTimeout{}};
    case ConnectionReadTimeout: return {.value = typename ErrorCode::ConnectionReadTimeout{}};
    case ConnectionWriteTimeout: return {.value = typename ErrorCode::ConnectionWriteTimeout{}};
    case ConnectionLimitReached: return {.value = typename ErrorCode::ConnectionLimitReached{}};
    case TlsProtocolError: return {.value = typename ErrorCode::TlsProtocolError{}};
    case RequestDenied: return {.value = typename ErrorCode::HttpRequestDenied{}};
    case RequestBodySize: return {.value = typename ErrorCode::HttpRequestBodySize{}};
    case RequestMethodInvalid: return {.value = typename ErrorCode::HttpRequestMethodInvalid{}};
    case RequestUriInvalid: return {.value = typename ErrorCode::HttpRequestUriInvalid{}};
    case RequestUriTooLong: return {.value = typename ErrorCode::HttpRequestUriTooLong{}};
    case RequestHeaderSectionSize:
      return {.value = typename ErrorCode::HttpRequestHeaderSectionSize{}};
    case RequestHeaderSize: return {.value = typename ErrorCode::HttpRequestHeaderSize{}};
    case ResponseIncomplete: return {.value = typename ErrorCode::HttpResponseIncomplete{}};
    case ResponseHeaderSectionSize:
      return {.value = typename ErrorCode::HttpResponseHeaderSectionSize{}};
    case ResponseTrailerSectionSize:
      return {.value = typename ErrorCode::HttpResponseTrailerSectionSize{}};
    case ResponseTransferCoding: return {.value = typename ErrorCode::HttpResponseTransferCoding{}};
    case UpgradeFailed: return {.value = typename ErrorCode::HttpUpgradeFailed{}};
    case ProtocolError: return {.value = typename ErrorCode::HttpProtocolError{}};
    case InternalError: break;
  }
  return {.value = typename ErrorCode::InternalError{failure.message}};
}

}  // namespace spindle::wasi
