#include "wasi/core/http/parts.h"
#include "wasi/p3/http/types.h"

// Requests, responses and options of wasi:http/types@0.3.

namespace spindle::wasi::p3 {
namespace {

using http_types::Scheme;
using http_types::SchemeView;
using DoneValue = std::expected<void, std::monostate>;
using OptionChanged = std::expected<void, http_types::RequestOptionsError>;

DoneValue refused() {
  return std::unexpected(std::monostate{});
}

OptionChanged set_timeout(const RequestOptions& options, std::optional<uint64_t>& timeout,
                          std::optional<uint64_t> value) {
  using http_types::RequestOptionsError;
  if (!options.is_mutable) {
    return std::unexpected(RequestOptionsError{.value = RequestOptionsError::Immutable{}});
  }
  timeout = value;
  return {};
}

std::tuple<BodyStream, TrailersFuture> consume(Message& message, TransmissionFuture said) {
  MessageBody body = message.take_body();
  body.outcome.follow(std::move(said));
  return {std::move(body.contents), std::move(body.trailers)};
}

}  // namespace

HttpTypes::NewBody HttpTypes::new_body(Contents contents, TrailersFuture trailers) {
  NewBody made;
  made.body.outcome = Outcome(loop_);
  made.future = made.body.outcome.future();
  made.body.trailers = std::move(trailers);
  if (contents) {
    made.body.contents = std::move(*contents);
  } else {
    made.body.length = 0;
  }
  return made;
}

// ---- requests ----

Result<std::tuple<std::unique_ptr<Request>, TransmissionFuture>> HttpTypes::request_new_(
    std::unique_ptr<Fields> headers, Contents contents, TrailersFuture trailers,
    std::optional<std::unique_ptr<RequestOptions>> options) {
  NewBody made = new_body(std::move(contents), std::move(trailers));
  auto request = std::make_unique<Request>(std::move(*headers).share(), std::move(made.body));
  if (options) request->options = (*options)->timeouts;
  return std::tuple(std::move(request), std::move(made.future));
}

Result<http_types::Method> HttpTypes::request_get_method(Request& self) {
  return to_method<http_types::Method>(self.method);
}

HttpTypes::Done HttpTypes::request_set_method(Request& self, const http_types::MethodView& method) {
  std::string text = method_text(method);
  if (!http::is_valid_header_name(text)) return refused();
  self.method = std::move(text);
  return DoneValue();
}

HttpTypes::Text HttpTypes::request_get_path_with_query(Request& self) {
  return self.path_with_query;
}

HttpTypes::Done HttpTypes::request_set_path_with_query(
    Request& self, std::optional<std::string_view> path_with_query) {
  if (path_with_query && !is_visible_ascii(*path_with_query)) return refused();
  self.path_with_query = path_with_query;
  return DoneValue();
}

Result<std::optional<Scheme>> HttpTypes::request_get_scheme(Request& self) {
  if (!self.scheme) return std::optional<Scheme>();
  return std::optional(to_scheme<Scheme>(*self.scheme));
}

HttpTypes::Done HttpTypes::request_set_scheme(Request& self,
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

HttpTypes::Text HttpTypes::request_get_authority(Request& self) {
  return self.authority;
}

HttpTypes::Done HttpTypes::request_set_authority(Request& self,
                                                 std::optional<std::string_view> authority) {
  if (authority && (authority->empty() || !is_visible_ascii(*authority))) return refused();
  self.authority = authority;
  return DoneValue();
}

Result<std::optional<std::unique_ptr<RequestOptions>>> HttpTypes::request_get_options(
    Request& self) {
  if (!self.options) return std::optional<std::unique_ptr<RequestOptions>>();
  return std::optional(std::make_unique<RequestOptions>(*self.options, Mutability::Immutable));
}

Result<std::unique_ptr<Fields>> HttpTypes::request_get_headers(Request& self) {
  return std::make_unique<Fields>(self.headers());
}

HttpTypes::Consumed HttpTypes::request_consume_body(std::unique_ptr<Request> message,
                                                    TransmissionFuture res) {
  return consume(*message, std::move(res));
}

// ---- options ----

Result<std::unique_ptr<RequestOptions>> HttpTypes::request_options_new() {
  return std::make_unique<RequestOptions>();
}

HttpTypes::Duration HttpTypes::request_options_get_connect_timeout(RequestOptions& self) {
  return self.timeouts.connect;
}

HttpTypes::OptionChange HttpTypes::request_options_set_connect_timeout(
    RequestOptions& self, std::optional<uint64_t> duration) {
  return set_timeout(self, self.timeouts.connect, duration);
}

HttpTypes::Duration HttpTypes::request_options_get_first_byte_timeout(RequestOptions& self) {
  return self.timeouts.first_byte;
}

HttpTypes::OptionChange HttpTypes::request_options_set_first_byte_timeout(
    RequestOptions& self, std::optional<uint64_t> duration) {
  return set_timeout(self, self.timeouts.first_byte, duration);
}

HttpTypes::Duration HttpTypes::request_options_get_between_bytes_timeout(RequestOptions& self) {
  return self.timeouts.between_bytes;
}

HttpTypes::OptionChange HttpTypes::request_options_set_between_bytes_timeout(
    RequestOptions& self, std::optional<uint64_t> duration) {
  return set_timeout(self, self.timeouts.between_bytes, duration);
}

Result<std::unique_ptr<RequestOptions>> HttpTypes::request_options_clone(RequestOptions& self) {
  return std::make_unique<RequestOptions>(self.timeouts);
}

// ---- responses ----

Result<std::tuple<std::unique_ptr<Response>, TransmissionFuture>> HttpTypes::response_new_(
    std::unique_ptr<Fields> headers, Contents contents, TrailersFuture trailers) {
  NewBody made = new_body(std::move(contents), std::move(trailers));
  auto response = std::make_unique<Response>(std::move(*headers).share(), std::move(made.body));
  return std::tuple(std::move(response), std::move(made.future));
}

Result<uint16_t> HttpTypes::response_get_status_code(Response& self) {
  return self.status;
}

HttpTypes::Done HttpTypes::response_set_status_code(Response& self, uint16_t status_code) {
  if (status_code < 100 || status_code > 999) return refused();
  self.status = status_code;
  return DoneValue();
}

Result<std::unique_ptr<Fields>> HttpTypes::response_get_headers(Response& self) {
  return std::make_unique<Fields>(self.headers());
}

HttpTypes::Consumed HttpTypes::response_consume_body(std::unique_ptr<Response> message,
                                                     TransmissionFuture res) {
  return consume(*message, std::move(res));
}

}  // namespace spindle::wasi::p3
