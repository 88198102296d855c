#include "host/outbound/connection_limits.h"

#include <fmt/format.h>

#include "io/cancel.h"

namespace spindle::host {
namespace {

// `max_connections` stands in the table of this name.
constexpr std::array<const char*, kConnectionKinds> kTables = {
    "outbound_http", "outbound_redis", "outbound_pg", "outbound_mysql", "outbound_mqtt", "sockets"};

}  // namespace

ConnectionLimits::ConnectionLimits(const app::OutboundConfig& config) {
  const std::array<std::optional<uint64_t>, kConnectionKinds> counts = {
      config.http_connections,  config.redis_connections, config.postgres_connections,
      config.mysql_connections, config.mqtt_connections,  config.socket_connections_max};
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i]) limits_[i].emplace(*counts[i]);
  }
  if (config.total_connections) total_.emplace(*config.total_connections);
}

io::Task<Result<ConnectionLimits::Permit>> ConnectionLimits::take(ConnectionKind kind,
                                                                  io::EventLoop& loop) {
  const auto is_zero = [](const Optional& limit) { return limit && limit->max == 0; };
  if (is_zero(limit_of(kind)) || is_zero(total_)) {
    co_return Error::limit_exceeded(
        fmt::format("no connections are allowed ({})", kTables.at(static_cast<size_t>(kind))));
  }
  auto waiting = io::with_deadline<Permit>(
      loop, kPermitTimeMax, "waiting for another connection to be closed", wait_for(kind, loop));
  auto permit = co_await std::move(waiting);
  co_return permit;
}

io::Task<Result<ConnectionLimits::Permit>> ConnectionLimits::wait_for(ConnectionKind kind,
                                                                      io::EventLoop& loop) {
  Permit permit;
  auto own = wait_for(find(kind), loop);
  permit.own = co_await std::move(own);
  auto total = wait_for(find_total(), loop);
  permit.total = co_await std::move(total);
  co_return permit;
}

io::Task<io::Permits::Permit> ConnectionLimits::wait_for(io::Permits* permits,
                                                         io::EventLoop& loop) {
  if (permits == nullptr) co_return io::Permits::Permit();
  if (auto permit = permits->try_take()) co_return std::move(*permit);
  announce_wait(loop);
  auto taking = permits->take(loop);
  auto permit = co_await std::move(taking);
  co_return permit;
}

std::optional<ConnectionLimits::Permit> ConnectionLimits::try_take(ConnectionKind kind) {
  Permit permit;
  if (auto* own = find(kind)) {
    auto taken = own->try_take();
    if (!taken) return std::nullopt;
    permit.own = std::move(*taken);
  }
  if (auto* total = find_total()) {
    auto taken = total->try_take();
    if (!taken) return std::nullopt;
    permit.total = std::move(*taken);
  }
  return permit;
}

bool ConnectionLimits::is_contended(ConnectionKind kind) const {
  const auto& own = limit_of(kind);
  return (own && own->permits.has_waiters()) || (total_ && total_->permits.has_waiters());
}

void ConnectionLimits::announce_wait(io::EventLoop& loop) {
  loop.post([self = shared_from_this()] {
    const std::lock_guard lock(self->mutex_);
    for (auto* keeper : self->keepers_) keeper->let_go();
  });
}

void ConnectionLimits::add(ConnectionKeeper& keeper) {
  const std::lock_guard lock(mutex_);
  keepers_.push_back(&keeper);
}

void ConnectionLimits::remove(ConnectionKeeper& keeper) {
  const std::lock_guard lock(mutex_);
  std::erase(keepers_, &keeper);
}

}  // namespace spindle::host
