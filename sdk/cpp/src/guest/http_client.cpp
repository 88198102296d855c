// Requests of one's own from plain functions: wasi:http/outgoing-handler@0.2.

#include <spindle/http.h>

#include <algorithm>

#include "guest/http_convert.h"
#include "http_plain_client.h"

namespace spindle::http {
namespace {

namespace types = client_bindings::wasi::http_0_2::types;
namespace streams = client_bindings::wasi::io_0_2::streams;
namespace outgoing = client_bindings::wasi::http_0_2::outgoing_handler;

constexpr uint64_t kReadBytes = 64 * 1024;
constexpr size_t kWriteBytes = 4096;  // what one blocking write may take

// False where the other side stops reading.
bool write_all(types::OutgoingBody body, std::string_view bytes) {
  {
    auto stream = body.write();
    if (!stream.has_value()) return false;
    while (!bytes.empty()) {
      const size_t size = std::min(bytes.size(), kWriteBytes);
      if (!stream->blocking_write_and_flush(guest::bytes(bytes.substr(0, size)))) break;
      bytes.remove_prefix(size);
    }
  }
  return types::OutgoingBody::finish(std::move(body), std::nullopt).has_value();
}

Result<std::string> read_all(types::IncomingBody body) {
  auto stream = body.stream();
  if (!stream.has_value()) return fail(ErrorKind::Other, "the body was read before");
  std::string all;
  while (true) {
    auto part = stream->blocking_read(kReadBytes);
    if (part.has_value()) {
      all += guest::text(*part);
    } else if (std::holds_alternative<streams::StreamError::Closed>(part.error().value)) {
      return all;
    } else {
      return fail(ErrorKind::Unavailable, "the response broke off");
    }
  }
}

Result<types::OutgoingRequest> make_request(const Request& request) {
  const auto url = guest::split_url(request.uri());
  if (!url.has_value()) return fail(ErrorKind::Invalid, "not an absolute URL: " + request.uri());
  types::OutgoingRequest made(guest::to_fields<types::Fields>(request.headers()));
  if (!guest::set_target<types::Scheme, types::Method>(made, request.method(), *url)) {
    return fail(ErrorKind::Invalid, "not a request that can be sent: " + request.uri());
  }
  return made;
}

Result<Response> read_response(types::IncomingResponse incoming) {
  Response response(incoming.status());
  guest::append_headers(response.headers, incoming.headers().entries());
  auto body = incoming.consume();
  if (!body.has_value()) return fail(ErrorKind::Other, "the body was read before");
  Result<std::string> all = read_all(std::move(*body));
  if (!all.has_value()) return std::unexpected(all.error());
  response.body = std::move(*all);
  return response;
}

}  // namespace

Result<Response> send(const Request& request) {
  Result<types::OutgoingRequest> made = make_request(request);
  if (!made.has_value()) return std::unexpected(made.error());
  auto body = made->body();
  auto sent = outgoing::handle(std::move(*made), std::nullopt);
  if (!sent.has_value()) return std::unexpected(guest::explain(sent.error()));
  if (body.has_value()) (void)write_all(std::move(*body), request.body());
  while (true) {
    auto answer = sent->get();
    if (!answer.has_value()) {
      sent->subscribe().block();
    } else if (!answer->has_value()) {
      return fail(ErrorKind::Other, "the response was taken before");
    } else if (!(*answer)->has_value()) {
      return std::unexpected(guest::explain((*answer)->error()));
    } else {
      return read_response(std::move(***answer));
    }
  }
}

}  // namespace spindle::http
