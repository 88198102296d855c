#include "http/client/request_head.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/framing.h"
#include "http/syntax.h"

namespace spindle::http {

namespace {

bool is_of_client(std::string_view name) {
  constexpr std::string_view kNames[] = {"host",          "connection",        "keep-alive",
                                         "upgrade",       "transfer-encoding", "proxy-connection",
                                         "http2-settings"};
  return std::ranges::any_of(
      kNames, [name](std::string_view mine) { return equals_ignoring_case(name, mine); });
}

bool is_valid_target(std::string_view target) {
  if (target == "*") return true;
  if (!target.starts_with('/')) return false;
  // Bytes of UTF-8 are sent as they are; a space or a control would end the target.
  return std::ranges::all_of(target, [](char c) {
    auto byte = static_cast<uint8_t>(c);
    return byte > 0x20 && byte != 0x7f;
  });
}

Outcome<void> check_line(const ClientRequest& request, const ClientLimits& limits) {
  if (request.method.empty() || request.method.size() > 64 ||
      !all_in_class(request.method, kTokenByte)) {
    return {FailureCode::RequestMethodInvalid, fmt::format("invalid method {:?}", request.method)};
  }
  if (request.method == "CONNECT") {
    return {FailureCode::RequestMethodInvalid, "CONNECT is not supported"};
  }
  if (request.target.size() > limits.target_bytes) {
    return {FailureCode::RequestUriTooLong,
            fmt::format("a target of {} bytes: expected at most {}", request.target.size(),
                        limits.target_bytes)};
  }
  if (!is_valid_target(request.target)) {
    return {FailureCode::RequestUriInvalid, fmt::format("invalid target {:?}", request.target)};
  }
  if (!is_valid_authority(request.authority)) {
    return {FailureCode::RequestUriInvalid,
            fmt::format("invalid authority {:?}", request.authority)};
  }
  return {};
}

bool may_have_content(Method method) {
  return method == Method::Post || method == Method::Put || method == Method::Patch;
}

bool is_length(const Header& header) {
  return equals_ignoring_case(header.name, "content-length");
}

// The length that content-length announces; the size of all fields as text.
struct FieldFacts {
  std::optional<uint64_t> announced;
  size_t bytes = 0;
};

Outcome<FieldFacts> check_fields(HeaderView headers) {
  FieldFacts facts;
  for (const auto& header : headers) {
    if (is_of_client(header.name)) continue;
    if (auto valid = check_header(header); !valid) {
      return {FailureCode::ProtocolError, valid.error().message()};
    }
    facts.bytes += header.name.size() + header.value.size() + 4;
    if (!is_length(header)) continue;
    auto number = parse_decimal(header.value);
    if (!number || (facts.announced && *facts.announced != *number)) {
      return {FailureCode::ProtocolError, fmt::format("invalid content-length {:?}", header.value)};
    }
    facts.announced = number;
  }
  return facts;
}

// Whether the head says how long the body is.
bool is_length_said(const RequestFacts& facts) {
  auto bytes = facts.length.bytes();
  return bytes && (*bytes > 0 || may_have_content(facts.method));
}

bool is_for_http2(const Header& header) {
  if (is_of_client(header.name) || is_length(header)) return false;
  return !equals_ignoring_case(header.name, "te") || equals_ignoring_case(header.value, "trailers");
}

}  // namespace

Outcome<RequestFacts> check_request(const ClientRequest& request, const ClientLimits& limits) {
  TRY(check_line(request, limits));
  RequestFacts facts{.length = request.length};
  facts.method = method_from_string(request.method);
  using enum Method;
  facts.is_idempotent = facts.method == Get || facts.method == Method::Head ||
                        facts.method == Put || facts.method == Delete || facts.method == Options ||
                        facts.method == Trace;
  auto fields = TRY(check_fields(request.headers));
  if (fields.announced) {
    auto known = request.length.bytes();
    if (known && *known != *fields.announced) {
      return {
          FailureCode::RequestBodySize,
          fmt::format("content-length is {} but the body has {} bytes", *fields.announced, *known)};
    }
    facts.length = BodyLength::known(*fields.announced);
  }
  const size_t bytes = fields.bytes + request.target.size() + request.authority.size();
  if (bytes > limits.request_head_bytes) {
    return {FailureCode::RequestHeaderSectionSize,
            fmt::format("a request head of {} bytes: expected at most {}", bytes,
                        limits.request_head_bytes)};
  }
  return facts;
}

std::string http1_head(const ClientRequest& request, const RequestFacts& facts) {
  std::string text;
  text.reserve(256);
  text.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  append_field(text, {"host", request.authority});
  for (const auto& header : request.headers) {
    if (!is_of_client(header.name) && !is_length(header)) append_field(text, header);
  }
  if (!facts.length.bytes()) {
    text += "transfer-encoding: chunked\r\n";
  } else if (is_length_said(facts)) {
    text += "content-length: ";
    append_number(text, *facts.length.bytes());
    text += "\r\n";
  }
  text += "\r\n";
  return text;
}

Headers http2_head(const ClientRequest& request, const RequestFacts& facts) {
  Headers fields;
  fields.add(":method", request.method);
  fields.add(":scheme", request.origin.scheme == Scheme::Https ? "https" : "http");
  fields.add(":authority", request.authority);
  fields.add(":path", request.target);
  for (const auto& header : request.headers) {
    if (is_for_http2(header)) fields.add(header.name, header.value);
  }
  if (is_length_said(facts)) {
    fields.add("content-length", std::to_string(*facts.length.bytes()));
  }
  return fields;
}

}  // namespace spindle::http
