#include "io/resolver.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <cstring>

namespace spindle::io {

namespace {

std::optional<Endpoint> from_sockaddr(const sockaddr& address) {
  Endpoint endpoint;
  if (address.sa_family == AF_INET) {
    endpoint.family = Endpoint::Family::V4;
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    std::memcpy(endpoint.address.data(), &v4.sin_addr, sizeof(v4.sin_addr));
  } else if (address.sa_family == AF_INET6) {
    endpoint.family = Endpoint::Family::V6;
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::memcpy(endpoint.address.data(), &v6.sin6_addr, sizeof(v6.sin6_addr));
  } else {
    return std::nullopt;
  }
  return endpoint;
}

std::optional<Endpoint> parse_literal(const std::string& host) {
  Endpoint endpoint;
  endpoint.family = Endpoint::Family::V4;
  if (inet_pton(AF_INET, host.c_str(), endpoint.address.data()) == 1) return endpoint;
  endpoint.family = Endpoint::Family::V6;
  if (inet_pton(AF_INET6, host.c_str(), endpoint.address.data()) == 1) return endpoint;
  return std::nullopt;
}

}  // namespace

Resolver::Resolver(EventLoop& loop, BlockingPool& pool)
    : loop_(loop), pool_(pool), home_(std::make_shared<Home>()) {
  home_->resolver = this;
}

Resolver::~Resolver() {
  const std::lock_guard lock(home_->mutex);
  home_->resolver = nullptr;
}

Task<Result<std::vector<Endpoint>>> Resolver::resolve(std::string host, uint16_t port) {
  std::vector<Endpoint> endpoints;
  if (auto literal = parse_literal(host)) {
    endpoints.push_back(*literal);
  } else {
    if (host.empty() || host.size() > kNameBytesMax || host.contains('\0')) {
      co_return Error::invalid_input(fmt::format("{:?} is not a host name", host));
    }
    auto found = lookups_.find(host);
    if (found == lookups_.end()) {
      if (lookups_.size() >= kLookupsMax) {
        co_return Error::unavailable(
            fmt::format("cannot resolve `{}`: too many names are being looked up", host));
      }
      start(host);
      found = lookups_.find(host);
    }
    auto lookup = found->second;
    co_await lookup->done.wait();
    if (!*lookup->result) co_return lookup->result->error();
    endpoints = **lookup->result;
  }
  for (auto& endpoint : endpoints) endpoint.port = port;
  co_return endpoints;
}

void Resolver::start(const std::string& host) {
  lookups_.emplace(host, std::make_shared<Lookup>(loop_));
  pool_.submit([home = home_, host] {
    auto result = look_up(host);
    // As long as the mutex is held the resolver lives, and so does its loop.
    const std::lock_guard lock(home->mutex);
    if (home->resolver == nullptr) return;
    home->resolver->loop_.post([home, host, result = std::move(result)]() mutable {
      if (home->resolver != nullptr) home->resolver->finish(host, std::move(result));
    });
  });
}

void Resolver::finish(const std::string& host, Addresses result) {
  auto node = lookups_.extract(host);
  node.mapped()->result.emplace(std::move(result));
  node.mapped()->done.set();
}

Resolver::Addresses Resolver::look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  int code = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (code != 0) {
    return Error::not_found(fmt::format("cannot resolve `{}`: {}", host, gai_strerror(code)));
  }
  std::vector<Endpoint> endpoints;
  for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
    auto endpoint = from_sockaddr(*entry->ai_addr);
    if (!endpoint || endpoints.size() == kAddressesMax) continue;
    if (std::ranges::find(endpoints, *endpoint) == endpoints.end()) endpoints.push_back(*endpoint);
  }
  freeaddrinfo(list);
  if (endpoints.empty()) {
    return Error::not_found(fmt::format("cannot resolve `{}`: it has no address", host));
  }
  return endpoints;
}

}  // namespace spindle::io
