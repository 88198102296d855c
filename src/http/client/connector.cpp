#include "http/client/connector.h"

#include <fmt/format.h>

namespace spindle::http {

std::string Origin::to_string() const {
  auto name = scheme == Scheme::Https ? "https" : "http";
  bool is_v6 = host.contains(':');
  return is_v6 ? fmt::format("{}://[{}]:{}", name, host, port)
               : fmt::format("{}://{}:{}", name, host, port);
}

io::Task<Outcome<std::unique_ptr<io::ByteStream>>> TcpConnector::connect(const Origin& origin) {
  using Stream = std::unique_ptr<io::ByteStream>;
  if (origin.scheme == Scheme::Https) {
    co_return Outcome<Stream>(FailureCode::TlsProtocolError,
                              fmt::format("{}: TLS is not supported yet", origin.to_string()));
  }
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
  co_return Outcome<Stream>(FailureCode::ConnectionRefused, stream.error().to_string());
}

}  // namespace spindle::http
