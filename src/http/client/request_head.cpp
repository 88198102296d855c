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

Outcome<void> check_request(const ClientRequest& request, const ClientLimits& limits) {
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

void append_framing(EncodedHead& head) {
  auto bytes = head.length.bytes();
  if (!bytes) {
    head.text += "transfer-encoding: chunked\r\n";
  } else if (*bytes > 0 || may_have_content(head.method)) {
    head.text += "content-length: ";
    append_number(head.text, *bytes);
    head.text += "\r\n";
  }
}

}  // namespace

Outcome<EncodedHead> encode_request_head(const ClientRequest& request, const ClientLimits& limits) {
  TRY(check_request(request, limits));
  EncodedHead head{.text = {}, .length = request.length};
  head.method = method_from_string(request.method);
  using enum Method;
  head.is_idempotent = head.method == Get || head.method == Method::Head || head.method == Put ||
                       head.method == Delete || head.method == Options || head.method == Trace;
  head.text.reserve(256);
  head.text.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  append_field(head.text, {"host", request.authority});
  std::optional<uint64_t> announced;
  for (const auto& header : request.headers) {
    if (is_of_client(header.name)) continue;
    if (auto valid = check_header(header); !valid) {
      return {FailureCode::ProtocolError, valid.error().message()};
    }
    if (!equals_ignoring_case(header.name, "content-length")) {
      append_field(head.text, header);
      continue;
    }
    auto number = parse_decimal(header.value);
    if (!number || (announced && *announced != *number)) {
      return {FailureCode::ProtocolError, fmt::format("invalid content-length {:?}", header.value)};
    }
    announced = number;
  }
  if (announced) {
    auto known = request.length.bytes();
    if (known && *known != *announced) {
      return {FailureCode::RequestBodySize,
              fmt::format("content-length is {} but the body has {} bytes", *announced, *known)};
    }
    head.length = BodyLength::known(*announced);
  }
  append_framing(head);
  head.text += "\r\n";
  if (head.text.size() > limits.request_head_bytes) {
    return {FailureCode::RequestHeaderSectionSize,
            fmt::format("a request head of {} bytes: expected at most {}", head.text.size(),
                        limits.request_head_bytes)};
  }
  return head;
}

}  // namespace spindle::http
