#pragma once

// Methods, schemes and error codes between the texts of HTTP and the variants of wasi:http. Every
// version of the interface has variants of its own with the same cases, so these are templates; and
// what a guest may set as path or authority.

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "http/message.h"
#include "wasi/core/http/outbound.h"

namespace spindle::wasi {

// The text of a method as the wire has it.
template <typename MethodView>
std::string method_text(const MethodView& method) {
  static constexpr std::string_view kNames[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                                "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  if (const auto* other = std::get_if<typename MethodView::Other>(&method.value)) {
    return std::string(other->value);
  }
  return std::string(kNames[method.value.index()]);
}

template <typename Method>
Method to_method(std::string_view text) {
  switch (http::method_from_string(text)) {
    case http::Method::Get: return {.value = typename Method::Get{}};
    case http::Method::Head: return {.value = typename Method::Head{}};
    case http::Method::Post: return {.value = typename Method::Post{}};
    case http::Method::Put: return {.value = typename Method::Put{}};
    case http::Method::Delete: return {.value = typename Method::Delete{}};
    case http::Method::Connect: return {.value = typename Method::Connect{}};
    case http::Method::Options: return {.value = typename Method::Options{}};
    case http::Method::Trace: return {.value = typename Method::Trace{}};
    case http::Method::Patch: return {.value = typename Method::Patch{}};
    case http::Method::Other: break;
  }
  return {.value = typename Method::Other{std::string(text)}};
}

// Lower case.
template <typename SchemeView>
std::string scheme_text(const SchemeView& scheme) {
  if (std::holds_alternative<typename SchemeView::Http>(scheme.value)) return "http";
  if (std::holds_alternative<typename SchemeView::Https>(scheme.value)) return "https";
  std::string text(std::get<typename SchemeView::Other>(scheme.value).value);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

template <typename Scheme>
Scheme to_scheme(const std::string& text) {
  if (text == "http") return {.value = typename Scheme::Http{}};
  if (text == "https") return {.value = typename Scheme::Https{}};
  return {.value = typename Scheme::Other{text}};
}

// Letters, digits, `+`, `-` and `.`, a letter first.
bool is_valid_scheme(std::string_view text);
// Without spaces and control characters.
bool is_visible_ascii(std::string_view text);

// Why the body of a received message broke off.
template <typename ErrorCode>
ErrorCode body_error_code(const Error& error) {
  if (auto failure = http::Failure::from_error(error)) return to_error_code<ErrorCode>(*failure);
  switch (error.kind()) {
    case ErrorKind::Timeout: return {.value = typename ErrorCode::ConnectionReadTimeout{}};
    case ErrorKind::LimitExceeded: return {.value = typename ErrorCode::HttpRequestBodySize{}};
    case ErrorKind::Canceled:
    case ErrorKind::Unavailable: return {.value = typename ErrorCode::ConnectionTerminated{}};
    default: return {.value = typename ErrorCode::HttpProtocolError{}};
  }
}

}  // namespace spindle::wasi
