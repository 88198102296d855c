#include "host/outbound_http/spin_http.h"

#include <array>

#include "base/utf8.h"
#include "host/outbound_http/buffered.h"

namespace spindle::host {
namespace {

namespace types = bindings::fermyon::spin::http_types;
using Failure = SpinHttpV1::Failure;
using Answer = std::expected<types::Response, Failure>;

std::string_view name_of(types::Method method) {
  switch (method) {
    case types::Method::Get: return "GET";
    case types::Method::Post: return "POST";
    case types::Method::Put: return "PUT";
    case types::Method::Delete: return "DELETE";
    case types::Method::Patch: return "PATCH";
    case types::Method::Head: return "HEAD";
    case types::Method::Options: return "OPTIONS";
  }
  return "GET";
}

bool is_redirect(uint16_t status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Failure to_failure(const http::Failure& failure) {
  switch (failure.code) {
    case http::FailureCode::RequestDenied: return Failure::DestinationNotAllowed;
    case http::FailureCode::RequestUriInvalid: return Failure::InvalidUrl;
    default: return Failure::RuntimeError;
  }
}

// What is kept of a request, for the next hop.
struct Hop {
  std::string method;
  app::HttpUrl url;
  http::Headers headers;
  std::vector<uint8_t> body;

  // Where the response sends it; nothing where the response is the answer.
  std::optional<app::HttpUrl> next(const BufferedResponse& response) const {
    if (!is_redirect(response.status)) return std::nullopt;
    const auto location = response.headers.find("location");
    return location ? url.resolve(*location) : std::nullopt;
  }

  void follow(app::HttpUrl to, uint16_t status) {
    const bool is_elsewhere = to.scheme != url.scheme || to.authority != url.authority;
    static constexpr std::array kSecrets = {"authorization", "cookie", "cookie2",
                                            "proxy-authorization", "www-authenticate"};
    for (const char* name : kSecrets) {
      if (is_elsewhere) headers.remove(name);
    }
    if (status <= 303) {
      body.clear();
      static constexpr std::array kOfBody = {"content-encoding", "content-length", "content-type",
                                             "transfer-encoding"};
      for (const char* name : kOfBody) headers.remove(name);
      if (method != "HEAD") method = "GET";
    }
    url = std::move(to);
  }
};

types::Response to_response(BufferedResponse response) {
  types::Response made{.status = response.status, .headers = types::Headers()};
  for (const http::Header& header : response.headers.view()) {
    if (is_valid_utf8(header.value)) made.headers->emplace_back(header.name, header.value);
  }
  made.body = std::move(response.body);
  return made;
}

io::Task<Result<Answer>> send(const wasi::Services& services, wasi::OutboundGate& gate, Hop hop) {
  for (unsigned count = 0; count <= kRedirectsMax; ++count) {
    BufferedRequest request{
        .method = hop.method, .url = hop.url, .headers = hop.headers, .body = hop.body};
    auto fetching = fetch(services, gate, std::move(request));
    auto fetched = co_await std::move(fetching);
    if (!fetched) co_return Answer(std::unexpect, to_failure(fetched.error()));
    auto next = hop.next(*fetched);
    if (!next) co_return Answer(to_response(fetched.take_value()));
    hop.follow(*std::move(next), fetched->status);
  }
  co_return Answer(std::unexpect, Failure::RuntimeError);
}

}  // namespace

io::Eventual<Answer> SpinHttpV1::send_request(const types::RequestView& request) {
  Hop hop{.method = std::string(name_of(request.method))};
  if (request.uri.starts_with('/')) {
    // To the application itself: without scheme and authority.
    hop.url.target = request.uri;
  } else {
    auto url = app::HttpUrl::parse(request.uri);
    if (!url) return Answer(std::unexpect, Failure::InvalidUrl);
    hop.url = *std::move(url);
  }
  for (const auto& [name, value] : request.headers) {
    if (!http::is_valid_header_name(name) || !http::is_valid_header_value(value)) {
      return Answer(std::unexpect, Failure::RuntimeError);
    }
    hop.headers.add(name, value);
  }
  if (request.body) hop.body.assign(request.body->begin(), request.body->end());
  return send(services_, gate_, std::move(hop));
}

}  // namespace spindle::host
