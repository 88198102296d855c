#include "http/client/connector.h"

#include <fmt/format.h>

namespace spindle::http {

namespace {

// Whoever cancels an attempt to connect has waited long enough.
Failure failure_of(const Error& error, FailureCode code) {
  if (error.kind() == ErrorKind::Canceled) code = FailureCode::ConnectionTimeout;
  return {code, error.to_string()};
}

}  // namespace

std::string Origin::to_string() const {
  auto name = scheme == Scheme::Https ? "https" : "http";
  bool is_v6 = host.contains(':');
  return is_v6 ? fmt::format("{}://[{}]:{}", name, host, port)
               : fmt::format("{}://{}:{}", name, host, port);
}

io::Task<Outcome<TcpConnector::Stream>> TcpConnector::connect_tcp(const Origin& origin) {
  auto resolving = dialer_.resolve(origin.host, origin.port);
  auto found = co_await std::move(resolving);
  if (!found) {
    const bool is_denied = found.error().kind() == ErrorKind::Denied;
    co_return Outcome<Stream>(
        is_denied ? FailureCode::DestinationIpProhibited : FailureCode::DnsError,
        found.error().to_string());
  }
  auto connecting = dialer_.connect(found.take_value());
  auto stream = co_await std::move(connecting);
  if (stream) co_return stream.take_value();
  co_return failure_of(stream.error(), FailureCode::ConnectionRefused);
}

io::Task<Outcome<Connected>> TcpConnector::connect(const Origin& origin) {
  auto connecting = connect_tcp(origin);
  auto stream = CO_TRY(co_await std::move(connecting));
  if (origin.scheme == Scheme::Http) {
    co_return Connected{.stream = std::move(stream), .protocol = origin.plain};
  }
  auto context = tls_.find(origin.tls);
  if (!context) {
    co_return Outcome<Connected>(FailureCode::TlsProtocolError, context.error().to_string());
  }
  auto securing = io::tls_connect(loop_, std::move(stream), context.take_value(), origin.host);
  auto secured = co_await std::move(securing);
  if (!secured) {
    auto failure = failure_of(secured.error(), FailureCode::TlsProtocolError);
    failure.message = fmt::format("{}: {}", origin.to_string(), failure.message);
    co_return failure;
  }
  auto session = secured.take_value();
  const auto protocol = session->protocol() == "h2" ? Protocol::Http2 : Protocol::Http1;
  co_return Connected{.stream = std::move(session), .protocol = protocol};
}

}  // namespace spindle::http
