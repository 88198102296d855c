#pragma once

// wasi:http/types@0.2 and wasi:http/outgoing-handler@0.2 for guests.
//
//   fields               works; names are lower case, headers that the server sets are forbidden,
//                        more than 128 KiB or 1,024 entries is a trap
//   incoming-request     works; the scheme is always HTTP, as in Spin
//   incoming-body        works, streamed; trailers arrive after the body
//   outgoing-response    works, streamed, with trailers
//   response-outparam    works; an error code answers 500
//   outgoing-request,
//   request-options      work
//   outgoing-handler     works for destinations that the gate of the instance admits; denials and
//                        failures come with the future
//   incoming-response    works, streamed, with trailers
//   http-error-code      works for errors of bodies

#include "bindings/wasi/http_0_2/outgoing_handler.h"
#include "bindings/wasi/http_0_2/types.h"
#include "io/event_loop.h"
#include "wasi/core/services.h"
#include "wasi/p2/http/resources.h"

namespace spindle::wasi::p2 {

namespace http_types = bindings::wasi::http_0_2::types;

class HttpTypes final : public http_types::Host {
 public:
  explicit HttpTypes(io::EventLoop& loop) : loop_(loop) {}

  using HeaderChange = Result<std::expected<void, http_types::HeaderError>>;
  using Done = Result<std::expected<void, std::monostate>>;
  using Duration = Result<std::optional<uint64_t>>;
  template <typename R>
  using Taken = Result<std::expected<std::unique_ptr<R>, std::monostate>>;
  using Text = Result<std::optional<std::string>>;

  Result<std::unique_ptr<Fields>> fields_new() override;
  Result<std::expected<std::unique_ptr<Fields>, http_types::HeaderError>> fields_from_list(
      const std::vector<std::tuple<std::string_view, std::span<const uint8_t>>>& entries) override;
  Result<std::vector<std::vector<uint8_t>>> fields_get(Fields& self,
                                                       std::string_view name) override;
  Result<bool> fields_has(Fields& self, std::string_view name) override;
  HeaderChange fields_set(Fields& self, std::string_view name,
                          const std::vector<std::span<const uint8_t>>& value) override;
  HeaderChange fields_delete_(Fields& self, std::string_view name) override;
  HeaderChange fields_append(Fields& self, std::string_view name,
                             std::span<const uint8_t> value) override;
  Result<std::vector<std::tuple<std::string, std::vector<uint8_t>>>> fields_entries(
      Fields& self) override;
  Result<std::unique_ptr<Fields>> fields_clone(Fields& self) override;

  Result<http_types::Method> incoming_request_method(IncomingRequest& self) override;
  Text incoming_request_path_with_query(IncomingRequest& self) override;
  Result<std::optional<http_types::Scheme>> incoming_request_scheme(IncomingRequest& self) override;
  Text incoming_request_authority(IncomingRequest& self) override;
  Result<std::unique_ptr<Fields>> incoming_request_headers(IncomingRequest& self) override;
  Taken<IncomingBody> incoming_request_consume(IncomingRequest& self) override;

  Result<std::unique_ptr<OutgoingRequest>> outgoing_request_new(
      std::unique_ptr<Fields> headers) override;
  Taken<OutgoingBody> outgoing_request_body(OutgoingRequest& self) override;
  Result<http_types::Method> outgoing_request_method(OutgoingRequest& self) override;
  Done outgoing_request_set_method(OutgoingRequest& self,
                                   const http_types::MethodView& method) override;
  Text outgoing_request_path_with_query(OutgoingRequest& self) override;
  Done outgoing_request_set_path_with_query(
      OutgoingRequest& self, std::optional<std::string_view> path_with_query) override;
  Result<std::optional<http_types::Scheme>> outgoing_request_scheme(OutgoingRequest& self) override;
  Done outgoing_request_set_scheme(OutgoingRequest& self,
                                   const std::optional<http_types::SchemeView>& scheme) override;
  Text outgoing_request_authority(OutgoingRequest& self) override;
  Done outgoing_request_set_authority(OutgoingRequest& self,
                                      std::optional<std::string_view> authority) override;
  Result<std::unique_ptr<Fields>> outgoing_request_headers(OutgoingRequest& self) override;

  Result<std::unique_ptr<RequestOptions>> request_options_new() override;
  Duration request_options_connect_timeout(RequestOptions& self) override;
  Done request_options_set_connect_timeout(RequestOptions& self,
                                           std::optional<uint64_t> duration) override;
  Duration request_options_first_byte_timeout(RequestOptions& self) override;
  Done request_options_set_first_byte_timeout(RequestOptions& self,
                                              std::optional<uint64_t> duration) override;
  Duration request_options_between_bytes_timeout(RequestOptions& self) override;
  Done request_options_set_between_bytes_timeout(RequestOptions& self,
                                                 std::optional<uint64_t> duration) override;

  Result<void> response_outparam_set(
      std::unique_ptr<ResponseOutparam> param,
      std::expected<std::unique_ptr<OutgoingResponse>, http_types::ErrorCodeView> response)
      override;
  Result<uint16_t> incoming_response_status(IncomingResponse& self) override;
  Result<std::unique_ptr<Fields>> incoming_response_headers(IncomingResponse& self) override;
  Taken<IncomingBody> incoming_response_consume(IncomingResponse& self) override;

  Taken<InputStream> incoming_body_stream(IncomingBody& self) override;
  Result<std::unique_ptr<FutureTrailers>> incoming_body_finish(
      std::unique_ptr<IncomingBody> body) override;
  Result<std::unique_ptr<Pollable>> future_trailers_subscribe(FutureTrailers& self) override;
  Result<std::optional<
      std::expected<std::expected<std::optional<std::unique_ptr<Fields>>, http_types::ErrorCode>,
                    std::monostate>>>
  future_trailers_get(FutureTrailers& self) override;

  Result<std::unique_ptr<OutgoingResponse>> outgoing_response_new(
      std::unique_ptr<Fields> headers) override;
  Result<uint16_t> outgoing_response_status_code(OutgoingResponse& self) override;
  Done outgoing_response_set_status_code(OutgoingResponse& self, uint16_t status_code) override;
  Result<std::unique_ptr<Fields>> outgoing_response_headers(OutgoingResponse& self) override;
  Taken<OutgoingBody> outgoing_response_body(OutgoingResponse& self) override;
  Taken<OutputStream> outgoing_body_write(OutgoingBody& self) override;
  Result<std::expected<void, http_types::ErrorCode>> outgoing_body_finish(
      std::unique_ptr<OutgoingBody> body, std::optional<std::unique_ptr<Fields>> trailers) override;

  Result<std::unique_ptr<Pollable>> future_incoming_response_subscribe(
      FutureIncomingResponse& self) override;
  Result<std::optional<std::expected<
      std::expected<std::unique_ptr<IncomingResponse>, http_types::ErrorCode>, std::monostate>>>
  future_incoming_response_get(FutureIncomingResponse& self) override;
  Result<std::optional<http_types::ErrorCode>> http_error_code(IoError& error) override;

 private:
  // Once; refused where the announced length is no number.
  Taken<OutgoingBody> make_body(const Fields& headers, std::shared_ptr<BodyPipe>& pipe,
                                OutgoingBody::Of of);

  io::EventLoop& loop_;
};

class OutgoingHandler final : public bindings::wasi::http_0_2::outgoing_handler::Host {
 public:
  // Both outlive it.
  OutgoingHandler(const Services& services, OutboundGate& gate)
      : services_(services), gate_(gate) {}

  Result<std::expected<std::unique_ptr<FutureIncomingResponse>, http_types::ErrorCode>> handle(
      std::unique_ptr<OutgoingRequest> request,
      std::optional<std::unique_ptr<RequestOptions>> options) override;

 private:
  const Services& services_;
  OutboundGate& gate_;
};

}  // namespace spindle::wasi::p2
