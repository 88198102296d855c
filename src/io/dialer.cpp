#include "io/dialer.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/tcp.h"

namespace spindle::io {

Task<Result<std::vector<Endpoint>>> Dialer::resolve(std::string host, uint16_t port) {
  auto resolving = resolver_.resolve(host, port);
  auto endpoints = CO_TRY(co_await std::move(resolving));
  std::erase_if(endpoints, [this](const Endpoint& at) { return !gate_.permits(at); });
  if (endpoints.empty()) {
    co_return Error::denied(fmt::format("no address of `{}` is permitted", host));
  }
  co_return endpoints;
}

Task<Result<std::unique_ptr<ByteStream>>> Dialer::connect(std::vector<Endpoint> endpoints) {
  auto failure = Error::unavailable("there is no address to connect to");
  for (const auto& endpoint : endpoints) {
    auto connecting = connect_tcp(loop_, endpoint);
    auto stream = co_await std::move(connecting);
    if (stream) co_return stream;
    failure = stream.take_error();
    if (failure.kind() == ErrorKind::Canceled) break;
  }
  co_return failure;
}

Task<Result<std::unique_ptr<ByteStream>>> Dialer::connect(std::string host, uint16_t port) {
  auto resolving = resolve(std::move(host), port);
  auto endpoints = CO_TRY(co_await std::move(resolving));
  auto connecting = connect(std::move(endpoints));
  auto stream = co_await std::move(connecting);
  co_return stream;
}

}  // namespace spindle::io
