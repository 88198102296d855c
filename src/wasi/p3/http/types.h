#pragma once

// wasi:http/types@0.3 for guests.
//
//   fields             the rules of 0.2 (core/http/fields.h); a list beyond its limit is
//                      `size-exceeded` instead of a trap
//   request, response  made by guests and by the host; bodies and trailers are passed on unread
//   request-options    kept for the client

#include "bindings/wasi/http_0_3/types.h"
#include "io/event_loop.h"
#include "wasi/p3/http/message_body.h"
#include "wasi/p3/http/resources.h"

namespace spindle::wasi::p3 {

namespace http_types = bindings::wasi::http_0_3::types;

class HttpTypes final : public http_types::Host {
 public:
  explicit HttpTypes(io::EventLoop& loop) : loop_(loop) {}

  using HeaderChange = Result<std::expected<void, http_types::HeaderError>>;
  using Done = Result<std::expected<void, std::monostate>>;
  using Text = Result<std::optional<std::string>>;
  using Values = std::vector<std::vector<uint8_t>>;
  using Duration = Result<std::optional<uint64_t>>;
  using OptionChange = Result<std::expected<void, http_types::RequestOptionsError>>;
  using Contents = std::optional<component::Stream<uint8_t>>;
  using Consumed = Result<std::tuple<BodyStream, TrailersFuture>>;

  Result<std::unique_ptr<Fields>> fields_new() override;
  Result<std::expected<std::unique_ptr<Fields>, http_types::HeaderError>> fields_from_list(
      const std::vector<std::tuple<std::string_view, std::span<const uint8_t>>>& entries) override;
  Result<Values> fields_get(Fields& self, std::string_view name) override;
  Result<bool> fields_has(Fields& self, std::string_view name) override;
  HeaderChange fields_set(Fields& self, std::string_view name,
                          const std::vector<std::span<const uint8_t>>& value) override;
  HeaderChange fields_delete_(Fields& self, std::string_view name) override;
  Result<std::expected<Values, http_types::HeaderError>> fields_get_and_delete(
      Fields& self, std::string_view name) override;
  HeaderChange fields_append(Fields& self, std::string_view name,
                             std::span<const uint8_t> value) override;
  Result<std::vector<std::tuple<std::string, std::vector<uint8_t>>>> fields_copy_all(
      Fields& self) override;
  Result<std::unique_ptr<Fields>> fields_clone(Fields& self) override;

  Result<std::tuple<std::unique_ptr<Request>, TransmissionFuture>> request_new_(
      std::unique_ptr<Fields> headers, Contents contents, TrailersFuture trailers,
      std::optional<std::unique_ptr<RequestOptions>> options) override;
  Result<http_types::Method> request_get_method(Request& self) override;
  Done request_set_method(Request& self, const http_types::MethodView& method) override;
  Text request_get_path_with_query(Request& self) override;
  Done request_set_path_with_query(Request& self,
                                   std::optional<std::string_view> path_with_query) override;
  Result<std::optional<http_types::Scheme>> request_get_scheme(Request& self) override;
  Done request_set_scheme(Request& self,
                          const std::optional<http_types::SchemeView>& scheme) override;
  Text request_get_authority(Request& self) override;
  Done request_set_authority(Request& self, std::optional<std::string_view> authority) override;
  Result<std::optional<std::unique_ptr<RequestOptions>>> request_get_options(
      Request& self) override;
  Result<std::unique_ptr<Fields>> request_get_headers(Request& self) override;
  Consumed request_consume_body(std::unique_ptr<Request> message, TransmissionFuture res) override;

  Result<std::unique_ptr<RequestOptions>> request_options_new() override;
  Duration request_options_get_connect_timeout(RequestOptions& self) override;
  OptionChange request_options_set_connect_timeout(RequestOptions& self,
                                                   std::optional<uint64_t> duration) override;
  Duration request_options_get_first_byte_timeout(RequestOptions& self) override;
  OptionChange request_options_set_first_byte_timeout(RequestOptions& self,
                                                      std::optional<uint64_t> duration) override;
  Duration request_options_get_between_bytes_timeout(RequestOptions& self) override;
  OptionChange request_options_set_between_bytes_timeout(RequestOptions& self,
                                                         std::optional<uint64_t> duration) override;
  Result<std::unique_ptr<RequestOptions>> request_options_clone(RequestOptions& self) override;

  Result<std::tuple<std::unique_ptr<Response>, TransmissionFuture>> response_new_(
      std::unique_ptr<Fields> headers, Contents contents, TrailersFuture trailers) override;
  Result<uint16_t> response_get_status_code(Response& self) override;
  Done response_set_status_code(Response& self, uint16_t status_code) override;
  Result<std::unique_ptr<Fields>> response_get_headers(Response& self) override;
  Consumed response_consume_body(std::unique_ptr<Response> message,
                                 TransmissionFuture res) override;

 private:
  struct NewBody {
    MessageBody body;
    TransmissionFuture future;
  };
  NewBody new_body(Contents contents, TrailersFuture trailers);

  io::EventLoop& loop_;
};

}  // namespace spindle::wasi::p3
