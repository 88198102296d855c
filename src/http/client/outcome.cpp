#include "http/client/outcome.h"

#include <fmt/format.h>

namespace spindle::http {

std::string_view to_string(FailureCode code) {
  switch (code) {
    case FailureCode::DnsTimeout: return "dns-timeout";
    case FailureCode::DnsError: return "dns-error";
    case FailureCode::DestinationUnavailable: return "destination-unavailable";
    case FailureCode::DestinationIpProhibited: return "destination-ip-prohibited";
    case FailureCode::ConnectionRefused: return "connection-refused";
    case FailureCode::ConnectionTerminated: return "connection-terminated";
    case FailureCode::ConnectionTimeout: return "connection-timeout";
    case FailureCode::ConnectionReadTimeout: return "connection-read-timeout";
    case FailureCode::ConnectionWriteTimeout: return "connection-write-timeout";
    case FailureCode::ConnectionLimitReached: return "connection-limit-reached";
    case FailureCode::TlsProtocolError: return "tls-protocol-error";
    case FailureCode::RequestDenied: return "http-request-denied";
    case FailureCode::RequestBodySize: return "http-request-body-size";
    case FailureCode::RequestMethodInvalid: return "http-request-method-invalid";
    case FailureCode::RequestUriInvalid: return "http-request-uri-invalid";
    case FailureCode::RequestUriTooLong: return "http-request-uri-too-long";
    case FailureCode::RequestHeaderSectionSize: return "http-request-header-section-size";
    case FailureCode::RequestHeaderSize: return "http-request-header-size";
    case FailureCode::ResponseIncomplete: return "http-response-incomplete";
    case FailureCode::ResponseHeaderSectionSize: return "http-response-header-section-size";
    case FailureCode::ResponseTrailerSectionSize: return "http-response-trailer-section-size";
    case FailureCode::ResponseTransferCoding: return "http-response-transfer-coding";
    case FailureCode::UpgradeFailed: return "http-upgrade-failed";
    case FailureCode::ProtocolError: return "http-protocol-error";
    case FailureCode::InternalError: return "internal-error";
  }
  return "internal-error";
}

Error Failure::to_error() const {
  auto text = fmt::format("{}: {}", to_string(code), message);
  switch (code) {
    case FailureCode::DnsTimeout:
    case FailureCode::ConnectionTimeout:
    case FailureCode::ConnectionReadTimeout:
    case FailureCode::ConnectionWriteTimeout: return Error::timeout(std::move(text));
    case FailureCode::RequestDenied:
    case FailureCode::DestinationIpProhibited: return Error::denied(std::move(text));
    case FailureCode::ConnectionLimitReached: return Error::limit_exceeded(std::move(text));
    case FailureCode::InternalError: return Error::internal(std::move(text));
    case FailureCode::ProtocolError:
    case FailureCode::UpgradeFailed:
    case FailureCode::ResponseTransferCoding: return Error::invalid_input(std::move(text));
    default: return Error::unavailable(std::move(text));
  }
}

std::optional<Failure> Failure::from_error(const Error& error) {
  const std::string_view text = error.message();
  const auto colon = text.find(": ");
  if (colon == std::string_view::npos) return std::nullopt;
  for (unsigned number = 0; number <= static_cast<unsigned>(FailureCode::InternalError); ++number) {
    const auto code = static_cast<FailureCode>(number);
    if (text.substr(0, colon) != to_string(code)) continue;
    return Failure{code, std::string(text.substr(colon + 2))};
  }
  return std::nullopt;
}

}  // namespace spindle::http
