#include "http/client/connector.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/tcp.h"

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
  auto resolving = resolver_.resolve(origin.host, origin.port);
  auto found = co_await std::move(resolving);
  if (!found) co_return Outcome<Stream>(FailureCode::DnsError, found.error().to_string());
  auto& endpoints = *found;
  std::erase_if(endpoints, [this](const io::Endpoint& at) { return !gate_.permits(at); });
  if (endpoints.empty()) {
    co_return Outcome<Stream>(FailureCode::DestinationIpProhibited,
                              fmt::format("no address of `{}` is permitted", origin.host));
  }
  std::string reason;
  for (const auto& endpoint : endpoints) {
    auto connecting = io::connect_tcp(loop_, endpoint);
    auto stream = co_await std::move(connecting);
    if (stream) co_return stream.take_value();
    reason = stream.error().to_string();
  }
  co_return Outcome<Stream>(FailureCode::ConnectionRefused, std::move(reason));
}

}  // namespace spindle::http
