#include "wasi/p2/http/types.h"

#include <algorithm>

#include "wasi/core/http/parts.h"
#include "wasi/core/pollable.h"

// Requests, bodies and responses; fields and outgoing requests are in the files beside this one.

namespace spindle::wasi::p2 {
namespace {

using http_types::ErrorCode;

template <typename Case>
ErrorCode error_code(Case error) {
  return ErrorCode{.value = std::move(error)};
}

// The announced length; an error where the header is there and is not a number.
std::expected<std::optional<uint64_t>, std::monostate> content_length(const Fields& headers) {
  auto text = headers.view().find("content-length");
  if (!text) return std::optional<uint64_t>();
  auto length = http::parse_decimal(*text);
  if (!length) return std::unexpected(std::monostate{});
  return length;
}

ErrorCode wrong_size(const OutgoingBody& body, uint64_t size) {
  if (body.of == OutgoingBody::Of::Request) {
    return error_code(ErrorCode::HttpRequestBodySize{size});
  }
  return error_code(ErrorCode::HttpResponseBodySize{size});
}

}  // namespace

Result<http_types::Method> HttpTypes::incoming_request_method(IncomingRequest& self) {
  return to_method<http_types::Method>(self.head().method_name());
}

HttpTypes::Text HttpTypes::incoming_request_path_with_query(IncomingRequest& self) {
  return std::optional(std::string(self.head().path_and_query()));
}

Result<std::optional<http_types::Scheme>> HttpTypes::incoming_request_scheme(IncomingRequest&) {
  using http_types::Scheme;
  return std::optional(Scheme{.value = Scheme::Http{}});
}

HttpTypes::Text HttpTypes::incoming_request_authority(IncomingRequest& self) {
  if (self.head().authority().empty()) return std::optional<std::string>();
  return std::optional(std::string(self.head().authority()));
}

Result<std::unique_ptr<Fields>> HttpTypes::incoming_request_headers(IncomingRequest& self) {
  return std::make_unique<Fields>(self.headers());
}

HttpTypes::Taken<IncomingBody> HttpTypes::incoming_request_consume(IncomingRequest& self) {
  std::expected<std::unique_ptr<IncomingBody>, std::monostate> taken = self.take_body();
  if (*taken == nullptr) taken = std::unexpected(std::monostate{});
  return taken;
}

Result<void> HttpTypes::response_outparam_set(
    std::unique_ptr<ResponseOutparam> param,
    std::expected<std::unique_ptr<OutgoingResponse>, http_types::ErrorCodeView> response) {
  ResponseOutlet* outlet = param->outlet();
  if (outlet == nullptr) return Error::trap("the request of this response-outparam is over");
  if (!response) {
    outlet->refuse();
    return {};
  }
  auto& made = **response;
  outlet->set({.status = made.status, .headers = made.take_headers()}, made.pipe);
  return {};
}

HttpTypes::Taken<InputStream> HttpTypes::incoming_body_stream(IncomingBody& self) {
  std::expected<std::unique_ptr<InputStream>, std::monostate> taken = self.take_stream();
  if (*taken == nullptr) taken = std::unexpected(std::monostate{});
  return taken;
}

Result<std::unique_ptr<FutureTrailers>> HttpTypes::incoming_body_finish(
    std::unique_ptr<IncomingBody> body) {
  TRY(body->check_no_children());
  return std::make_unique<FutureTrailers>(loop_, body->source());
}

Result<std::unique_ptr<Pollable>> HttpTypes::future_trailers_subscribe(FutureTrailers& self) {
  return std::make_unique<Pollable>(self.source());
}

Result<std::optional<std::expected<
    std::expected<std::optional<std::unique_ptr<Fields>>, http_types::ErrorCode>, std::monostate>>>
HttpTypes::future_trailers_get(FutureTrailers& self) {
  using Trailers = std::expected<std::optional<std::unique_ptr<Fields>>, ErrorCode>;
  using Once = std::expected<Trailers, std::monostate>;
  if (!self.source().is_ready()) return std::optional<Once>();
  if (!self.take()) return std::optional<Once>(std::unexpected(std::monostate{}));
  auto trailers = self.source().trailers();
  if (!trailers) {
    return std::optional<Once>(
        Trailers(std::unexpected(body_error_code<ErrorCode>(trailers.error()))));
  }
  if (trailers->empty()) return std::optional<Once>(Trailers(std::nullopt));
  return std::optional<Once>(
      Trailers(std::make_unique<Fields>(http::Headers(*trailers), Mutability::Immutable)));
}

Result<std::unique_ptr<OutgoingResponse>> HttpTypes::outgoing_response_new(
    std::unique_ptr<Fields> headers) {
  return std::make_unique<OutgoingResponse>(std::move(headers));
}

Result<uint16_t> HttpTypes::outgoing_response_status_code(OutgoingResponse& self) {
  return self.status;
}

HttpTypes::Done HttpTypes::outgoing_response_set_status_code(OutgoingResponse& self,
                                                             uint16_t status_code) {
  std::expected<void, std::monostate> done;
  if (status_code < 100 || status_code > 999) {
    done = std::unexpected(std::monostate{});
  } else {
    self.status = status_code;
  }
  return done;
}

Result<std::unique_ptr<Fields>> HttpTypes::outgoing_response_headers(OutgoingResponse& self) {
  return std::make_unique<Fields>(http::Headers(self.headers().view()), Mutability::Immutable);
}

HttpTypes::Taken<OutgoingBody> HttpTypes::make_body(const Fields& headers,
                                                    std::shared_ptr<BodyPipe>& pipe,
                                                    OutgoingBody::Of of) {
  std::expected<std::unique_ptr<OutgoingBody>, std::monostate> taken =
      std::unexpected(std::monostate{});
  if (pipe) return taken;
  auto length = content_length(headers);
  if (!length) return taken;
  pipe = std::make_shared<BodyPipe>(loop_);
  pipe->set_expected_length(*length);
  taken = std::make_unique<OutgoingBody>(loop_, pipe, of);
  return taken;
}

HttpTypes::Taken<OutgoingBody> HttpTypes::outgoing_response_body(OutgoingResponse& self) {
  return make_body(self.headers(), self.pipe, OutgoingBody::Of::Response);
}

HttpTypes::Taken<OutgoingBody> HttpTypes::outgoing_request_body(OutgoingRequest& self) {
  return make_body(self.headers(), self.pipe, OutgoingBody::Of::Request);
}

HttpTypes::Taken<OutputStream> HttpTypes::outgoing_body_write(OutgoingBody& self) {
  std::expected<std::unique_ptr<OutputStream>, std::monostate> taken = self.take_stream();
  if (*taken == nullptr) taken = std::unexpected(std::monostate{});
  return taken;
}

Result<std::expected<void, http_types::ErrorCode>> HttpTypes::outgoing_body_finish(
    std::unique_ptr<OutgoingBody> body, std::optional<std::unique_ptr<Fields>> trailers) {
  TRY(body->check_no_children());
  auto& pipe = body->pipe();
  std::expected<void, ErrorCode> finished;
  if (pipe.expected_length() && *pipe.expected_length() != pipe.written()) {
    pipe.abort();
    finished = std::unexpected(wrong_size(*body, pipe.written()));
    return finished;
  }
  std::optional<http::Headers> fields;
  if (trailers) fields.emplace((*trailers)->view());
  pipe.finish(std::move(fields));
  return finished;
}

Result<std::optional<http_types::ErrorCode>> HttpTypes::http_error_code(IoError& error) {
  const auto* cause = dynamic_cast<const HttpIoError*>(&error);
  if (cause == nullptr) return std::optional<ErrorCode>();
  return std::optional(body_error_code<ErrorCode>(cause->cause()));
}

}  // namespace spindle::wasi::p2
