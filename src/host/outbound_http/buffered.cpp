#include "host/outbound_http/buffered.h"

#include <fmt/format.h>

#include "app/allowed_hosts.h"
#include "app/url.h"
#include "wasi/core/http/outbound_call.h"

namespace spindle::host {
namespace {

class WholeBody final : public wasi::RequestBody {
 public:
  explicit WholeBody(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) {}

  http::BodyLength length() override { return http::BodyLength::known(bytes_.size()); }
  io::Task<void> send(http::RequestSink& writer) override {
    auto writing = writer.write(bytes_);
    if (!co_await std::move(writing)) co_return;
    auto finishing = writer.finish();
    // The response says what came of it.
    (void)co_await std::move(finishing);
  }
  void fail(const http::Failure&) override {}

 private:
  std::vector<uint8_t> bytes_;
};

io::Task<http::Outcome<std::vector<uint8_t>>> read_all(http::BodyReader& reader, uint64_t max) {
  std::vector<uint8_t> body;
  while (true) {
    auto next = reader.read();
    auto waiting = io::Eventual<http::Bytes>::wait(std::move(next));
    const auto piece = co_await std::move(waiting);
    if (!piece.has_value()) {
      auto failure = http::Failure::from_error(piece.error());
      co_return failure.value_or(
          http::Failure{http::FailureCode::InternalError, piece.error().to_string()});
    }
    if (piece->empty()) co_return body;
    if (piece->size() > max - body.size()) {
      co_return http::Failure{http::FailureCode::InternalError,
                              fmt::format("a response of more than {} bytes", max)};
    }
    body.insert(body.end(), piece->begin(), piece->end());
  }
}

}  // namespace

io::Task<http::Outcome<BufferedResponse>> fetch(const wasi::Services& services,
                                                wasi::OutboundGate& gate, BufferedRequest request) {
  wasi::OutboundRequest sent{.method = std::move(request.method),
                             .path_with_query = std::move(request.url.target),
                             .headers = std::move(request.headers),
                             .timeouts = request.timeouts};
  if (!request.url.authority.empty()) {
    sent.scheme = std::move(request.url.scheme);
    sent.authority = std::move(request.url.authority);
  }
  std::unique_ptr<wasi::RequestBody> body;
  if (!request.body.empty()) body = std::make_unique<WholeBody>(std::move(request.body));
  auto started = wasi::OutboundCall::start(services, gate, std::move(sent), std::move(body));
  if (!started) {
    co_return http::Failure{http::FailureCode::InternalError, started.error().to_string()};
  }
  const auto call = started.take_value();
  co_await call->done();
  if (!call->outcome()) co_return call->outcome().error();
  http::IncomingResponse& response = call->response();
  BufferedResponse made{.status = response.status(), .headers = http::Headers(response.headers())};
  auto reading = read_all(response, request.response_bytes_max);
  auto bytes = CO_TRY(co_await std::move(reading));
  made.body = std::move(bytes);
  co_return made;
}

http::Outcome<wasi::OutboundDestination> OperatorGate::admit(const wasi::OutboundRequest& request) {
  const std::string authority = request.authority.value_or("");
  const auto url = app::parse_url(fmt::format("{}://{}", request.scheme.value_or(""), authority));
  if (!url) return {http::FailureCode::RequestUriInvalid, "the URL has no host"};
  http::Origin origin{.scheme = url->scheme == "https" ? http::Scheme::Https : http::Scheme::Http,
                      .host = url->host,
                      .port = url->port.value_or(*app::default_port(url->scheme))};
  if (origin.host.starts_with('[')) origin.host = origin.host.substr(1, origin.host.size() - 2);
  return wasi::OutboundDestination{.origin = std::move(origin), .authority = authority};
}

}  // namespace spindle::host
