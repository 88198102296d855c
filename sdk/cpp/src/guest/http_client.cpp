// Requests of one's own from plain functions: wasi:http/outgoing-handler@0.2.

#include <spindle/http.h>

#include <algorithm>

#include "guest/convert.h"
#include "guest/url.h"
#include "http_plain_client.h"

namespace spindle::http {
namespace {

namespace types = client_bindings::wasi::http_0_2::types;
namespace streams = client_bindings::wasi::io_0_2::streams;
namespace outgoing = client_bindings::wasi::http_0_2::outgoing_handler;

constexpr uint64_t kReadBytes = 64 * 1024;
constexpr size_t kWriteBytes = 4096;  // what one blocking write may take

types::Method to_method(const std::string& name) {
  using M = types::Method;
  if (name == "GET") return {M::Get{}};
  if (name == "HEAD") return {M::Head{}};
  if (name == "POST") return {M::Post{}};
  if (name == "PUT") return {M::Put{}};
  if (name == "DELETE") return {M::Delete{}};
  if (name == "OPTIONS") return {M::Options{}};
  if (name == "PATCH") return {M::Patch{}};
  return {M::Other{name}};
}

Error explain(const types::ErrorCode& code) {
  using C = types::ErrorCode;
  if (std::holds_alternative<C::HttpRequestDenied>(code.value)) {
    return {ErrorKind::Denied, "the manifest does not allow requests to this host"};
  }
  if (const auto* internal = std::get_if<C::InternalError>(&code.value)) {
    return {ErrorKind::Other, internal->value.value_or("internal error")};
  }
  if (std::holds_alternative<C::HttpRequestUriInvalid>(code.value)) {
    return {ErrorKind::Invalid, "not a URL that can be requested"};
  }
  return {ErrorKind::Unavailable,
          "the request failed (wasi:http error " + std::to_string(code.value.index()) + ")"};
}

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
  types::Fields fields;
  for (const auto& [name, value] : request.headers()) {
    (void)fields.append(name, guest::bytes(value));
  }
  types::OutgoingRequest made(std::move(fields));
  using S = types::Scheme;
  const types::Scheme scheme = url->scheme == "https"  ? S{S::Https{}}
                               : url->scheme == "http" ? S{S::Http{}}
                                                       : S{S::Other{std::string(url->scheme)}};
  if (!made.set_method(to_method(request.method())) || !made.set_scheme(scheme) ||
      !made.set_authority(std::string(url->authority)) ||
      !made.set_path_with_query(url->path_with_slash())) {
    return fail(ErrorKind::Invalid, "not a request that can be sent: " + request.uri());
  }
  return made;
}

Result<Response> read_response(types::IncomingResponse incoming) {
  Response response(incoming.status());
  for (const auto& [name, value] : incoming.headers().entries()) {
    response.headers.append(name, guest::text(value));
  }
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
  if (!sent.has_value()) return std::unexpected(explain(sent.error()));
  if (body.has_value()) (void)write_all(std::move(*body), request.body());
  while (true) {
    auto answer = sent->get();
    if (!answer.has_value()) {
      sent->subscribe().block();
    } else if (!answer->has_value()) {
      return fail(ErrorKind::Other, "the response was taken before");
    } else if (!(*answer)->has_value()) {
      return std::unexpected(explain((*answer)->error()));
    } else {
      return read_response(std::move(***answer));
    }
  }
}

Result<Response> get(std::string url) {
  return send(Request("GET", std::move(url)));
}

Result<Response> post(std::string url, std::string body, std::string_view content_type) {
  Request request("POST", std::move(url), std::move(body));
  request.headers().append("content-type", content_type);
  return send(request);
}

}  // namespace spindle::http
