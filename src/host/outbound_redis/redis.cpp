#include "host/outbound_redis/redis.h"

#include <fmt/format.h>

#include <utility>

#include "app/url.h"
#include "redis/command.h"

namespace spindle::host {
namespace {

using Kind = RedisFailure::Kind;

// What is connected to is what permission was asked for.
bool means_same(const app::Url& url, const redis::Address& address) {
  std::string_view host = url.host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  const bool is_tls = address.transport == redis::Transport::Tls;
  return url.scheme == (is_tls ? "rediss" : "redis") && host == address.host &&
         url.port.value_or(redis::kDefaultPort) == address.port;
}

Error not_connected() {
  return Error::not_supported("connections to Redis servers are not possible here");
}

}  // namespace

RedisFailure redis_failure(std::string message) {
  return {.kind = Kind::Other, .message = std::move(message)};
}

io::Eventual<redis::Reply> RedisSession::ask(std::span<const std::string_view> words) {
  auto ticket = TRY(connection_.lease->send(redis::encode_command(words)));
  return std::move(ticket).reply();
}

io::Eventual<redis::Reply> RedisSession::execute(std::span<const std::string_view> words) {
  if (!redis::has_one_reply(words)) {
    return Error::not_supported(
        fmt::format("the Redis command {:?} is not supported", words.empty() ? "" : words[0]));
  }
  connection_.lease.taint();
  return ask(words);
}

OutboundRedis::Outcome<redis::Address> OutboundRedis::check(std::string_view address) {
  const auto url = app::parse_destination(address, "redis");
  auto parsed = redis::parse_address(address);
  if (!parsed && parsed.error().kind() == ErrorKind::NotSupported) {
    return std::unexpected(redis_failure(parsed.error().message()));
  }
  const bool is_valid = url && parsed && means_same(*url, *parsed);
  if (!is_valid || !permission_.permits(*url)) {
    return std::unexpected(RedisFailure{.kind = Kind::InvalidAddress, .message = {}});
  }
  return parsed.take_value();
}

io::Task<Result<OutboundRedis::Outcome<RedisSession>>> OutboundRedis::open(redis::Address address) {
  using Opened = Outcome<RedisSession>;
  if (services_.redis == nullptr) co_return Opened(std::unexpect, redis_failure("no network"));
  auto place = open_.take();
  if (!place) {
    co_return Opened(std::unexpect, RedisFailure{.kind = Kind::TooManyConnections, .message = {}});
  }
  auto acquiring = acquire(std::move(address));
  auto connection = co_await std::move(acquiring);
  if (!connection && connection.error().kind() == ErrorKind::LimitExceeded) {
    co_return Opened(std::unexpect, RedisFailure{.kind = Kind::TooManyConnections, .message = {}});
  }
  if (!connection) co_return Opened(std::unexpect, redis_failure(connection.error().to_string()));
  co_return Opened(RedisSession(std::move(*place), connection.take_value()));
}

io::Task<Result<CountedRedis>> OutboundRedis::acquire(redis::Address address) {
  if (services_.redis == nullptr) co_return not_connected();
  auto& limits = permission_.limits();
  auto waiting = limits.take(ConnectionKind::Redis, services_.loop);
  auto permit = CO_TRY(co_await std::move(waiting));
  auto acquiring = services_.redis->acquire(std::move(address));
  auto lease = CO_TRY(co_await std::move(acquiring));
  if (limits.counts(ConnectionKind::Redis)) lease.taint();
  co_return CountedRedis{.permit = std::move(permit), .lease = std::move(lease)};
}

io::Task<Result<redis::Reply>> OutboundRedis::ask_once(redis::Address address, std::string words) {
  auto acquiring = acquire(std::move(address));
  const auto connection = CO_TRY(co_await std::move(acquiring));
  auto asking = connection.lease->ask(std::move(words));
  auto reply = co_await std::move(asking);
  co_return reply;
}

io::Task<Result<redis::Reply>> OutboundRedis::execute_once(redis::Address address,
                                                           std::string words) {
  auto acquiring = acquire(std::move(address));
  auto connection = CO_TRY(co_await std::move(acquiring));
  connection.lease.taint();
  auto asking = connection.lease->ask(std::move(words));
  auto reply = co_await std::move(asking);
  co_return reply;
}

}  // namespace spindle::host
