#include "wasi/core/http/parts.h"
#include "wasi/core/pollable.h"
#include "wasi/p2/http/types.h"

// Outgoing requests of wasi:http@0.2: they can be made, and are refused when they are to leave.

namespace spindle::wasi::p2 {
namespace {

using http_types::Method;
using http_types::Scheme;
using http_types::SchemeView;

using DoneValue = std::expected<void, std::monostate>;

DoneValue refused() {
  return std::unexpected(std::monostate{});
}

}  // namespace

Result<std::unique_ptr<OutgoingRequest>> HttpTypes::outgoing_request_new(
    std::unique_ptr<Fields> headers) {
  return std::make_unique<OutgoingRequest>(std::move(headers));
}

Result<Method> HttpTypes::outgoing_request_method(OutgoingRequest& self) {
  return to_method<Method>(self.method);
}

HttpTypes::Done HttpTypes::outgoing_request_set_method(OutgoingRequest& self,
                                                       const http_types::MethodView& method) {
  auto text = method_text(method);
  if (!http::is_valid_header_name(text)) return refused();
  self.method = std::move(text);
  return DoneValue();
}

HttpTypes::Text HttpTypes::outgoing_request_path_with_query(OutgoingRequest& self) {
  return self.path_with_query;
}

HttpTypes::Done HttpTypes::outgoing_request_set_path_with_query(
    OutgoingRequest& self, std::optional<std::string_view> path_with_query) {
  if (path_with_query && !is_visible_ascii(*path_with_query)) return refused();
  self.path_with_query = path_with_query;
  return DoneValue();
}

Result<std::optional<Scheme>> HttpTypes::outgoing_request_scheme(OutgoingRequest& self) {
  if (!self.scheme) return std::optional<Scheme>();
  return std::optional(to_scheme<Scheme>(*self.scheme));
}

HttpTypes::Done HttpTypes::outgoing_request_set_scheme(OutgoingRequest& self,
                                                       const std::optional<SchemeView>& scheme) {
  if (!scheme) {
    self.scheme.reset();
    return DoneValue();
  }
  std::string text = scheme_text(*scheme);
  if (!is_valid_scheme(text)) return refused();
  self.scheme = std::move(text);
  return DoneValue();
}

HttpTypes::Text HttpTypes::outgoing_request_authority(OutgoingRequest& self) {
  return self.authority;
}

HttpTypes::Done HttpTypes::outgoing_request_set_authority(
    OutgoingRequest& self, std::optional<std::string_view> authority) {
  if (authority && (authority->empty() || !is_visible_ascii(*authority))) return refused();
  self.authority = authority;
  return DoneValue();
}

Result<std::unique_ptr<Fields>> HttpTypes::outgoing_request_headers(OutgoingRequest& self) {
  return std::make_unique<Fields>(http::Headers(self.headers().view()), Mutability::Immutable);
}

Result<std::unique_ptr<RequestOptions>> HttpTypes::request_options_new() {
  return std::make_unique<RequestOptions>();
}

HttpTypes::Duration HttpTypes::request_options_connect_timeout(RequestOptions& self) {
  return self.connect_timeout;
}

HttpTypes::Done HttpTypes::request_options_set_connect_timeout(RequestOptions& self,
                                                               std::optional<uint64_t> duration) {
  self.connect_timeout = duration;
  return DoneValue();
}

HttpTypes::Duration HttpTypes::request_options_first_byte_timeout(RequestOptions& self) {
  return self.first_byte_timeout;
}

HttpTypes::Done HttpTypes::request_options_set_first_byte_timeout(
    RequestOptions& self, std::optional<uint64_t> duration) {
  self.first_byte_timeout = duration;
  return DoneValue();
}

HttpTypes::Duration HttpTypes::request_options_between_bytes_timeout(RequestOptions& self) {
  return self.between_bytes_timeout;
}

HttpTypes::Done HttpTypes::request_options_set_between_bytes_timeout(
    RequestOptions& self, std::optional<uint64_t> duration) {
  self.between_bytes_timeout = duration;
  return DoneValue();
}

}  // namespace spindle::wasi::p2
