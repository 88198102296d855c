#pragma once

// What the SDK's requests, responses and errors are in wasi:http. Tracks 0.2 and 0.3 declare the
// same shapes in namespaces of their own; each function takes the type of the track that calls it.

#include <spindle/http.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "guest/convert.h"
#include "guest/url.h"

namespace spindle::guest {

template <typename Method>
Method to_method(const std::string& name) {
  if (name == "GET") return {typename Method::Get{}};
  if (name == "HEAD") return {typename Method::Head{}};
  if (name == "POST") return {typename Method::Post{}};
  if (name == "PUT") return {typename Method::Put{}};
  if (name == "DELETE") return {typename Method::Delete{}};
  if (name == "OPTIONS") return {typename Method::Options{}};
  if (name == "PATCH") return {typename Method::Patch{}};
  return {typename Method::Other{name}};
}

template <typename Method>
std::string method_text(Method method) {
  static constexpr const char* kNames[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                           "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  if (auto* other = std::get_if<typename Method::Other>(&method.value)) {
    return std::move(other->value);
  }
  return kNames[method.value.index()];
}

template <typename Scheme>
Scheme to_scheme(std::string_view name) {
  if (name == "https") return {typename Scheme::Https{}};
  if (name == "http") return {typename Scheme::Http{}};
  return {typename Scheme::Other{std::string(name)}};
}

// Where a request of one's own goes. False where it cannot be sent.
template <typename Scheme, typename Method, typename OutgoingRequest>
bool set_target(OutgoingRequest& request, const std::string& method, const Url& url) {
  return request.set_method(to_method<Method>(method)) &&
         request.set_scheme(to_scheme<Scheme>(url.scheme)) &&
         request.set_authority(std::string(url.authority)) &&
         request.set_path_with_query(url.path_with_slash());
}

template <typename Fields>
Fields to_fields(const http::Headers& headers) {
  Fields fields;
  for (const auto& [name, value] : headers) (void)fields.append(name, bytes(value));
  return fields;
}

// `entries`: what wasi:http's `entries` (0.2) and `copy-all` (0.3) give.
template <typename Entries>
void append_headers(http::Headers& headers, const Entries& entries) {
  for (const auto& [name, value] : entries) headers.append(name, text(value));
}

template <typename ErrorCode>
Error explain(const ErrorCode& code) {
  if (std::holds_alternative<typename ErrorCode::HttpRequestDenied>(code.value)) {
    return {ErrorKind::Denied, "the manifest does not allow requests to this host"};
  }
  if (const auto* internal = std::get_if<typename ErrorCode::InternalError>(&code.value)) {
    return {ErrorKind::Other, internal->value.value_or("internal error")};
  }
  if (std::holds_alternative<typename ErrorCode::HttpRequestUriInvalid>(code.value)) {
    return {ErrorKind::Invalid, "not a URL that can be requested"};
  }
  return {ErrorKind::Unavailable,
          "the request failed (wasi:http error " + std::to_string(code.value.index()) + ")"};
}

}  // namespace spindle::guest
