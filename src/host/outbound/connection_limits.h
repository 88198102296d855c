#pragma once

// ConnectionLimits: how many outbound connections the process may have, as the operator says; one
// for all loops. Who opens a connection takes the permit of its kind first, then the one of all,
// and holds both until the connection is closed.
//
//   auto taking = limits.take(ConnectionKind::Redis, loop);
//   auto permit = CO_TRY(co_await std::move(taking));
//
// Who comes first is served first, and waits for kPermitTimeMax at most. A connection that rests
// for the next user counts like any other: whoever keeps such ones is a ConnectionKeeper, and lets
// go of them when somebody has to wait.

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "app/runtime_config.h"
#include "io/permits.h"

namespace spindle::host {

enum class ConnectionKind : uint8_t { Http, Redis, Postgres, Mysql, Mqtt, Socket };
inline constexpr size_t kConnectionKinds = 6;

inline constexpr auto kPermitTimeMax = std::chrono::minutes(10);

class ConnectionKeeper {
 public:
  // Somebody waits: what rests is to be closed, now or soon. From any thread; it must not add or
  // remove keepers.
  virtual void let_go() = 0;

 protected:
  ~ConnectionKeeper() = default;
};

class ConnectionLimits : public std::enable_shared_from_this<ConnectionLimits> {
 public:
  explicit ConnectionLimits(const app::OutboundConfig& config);
  ConnectionLimits(const ConnectionLimits&) = delete;
  ConnectionLimits& operator=(const ConnectionLimits&) = delete;

  // Of one connection. It may not outlive the limits.
  struct Permit {
    io::Permits::Permit own;
    io::Permits::Permit total;
  };

  // An error where there may be none at all, or none became free in time.
  io::Task<Result<Permit>> take(ConnectionKind kind, io::EventLoop& loop);
  // Nothing where one would have to wait.
  std::optional<Permit> try_take(ConnectionKind kind);

  bool counts(ConnectionKind kind) const { return limit_of(kind).has_value() || total_; }
  // Somebody waits for a permit that a connection of this kind holds.
  bool is_contended(ConnectionKind kind) const;
  // For who waits by itself; null where nobody counts. It calls announce_wait() first.
  io::Permits* find(ConnectionKind kind) { return permits_of(limits_[static_cast<size_t>(kind)]); }
  io::Permits* find_total() { return permits_of(total_); }
  // Keepers hear of it as soon as the loop goes on: who waits is in the queue by then, and nothing
  // is kept any more that is given back.
  void announce_wait(io::EventLoop& loop);

  void add(ConnectionKeeper& keeper);
  void remove(ConnectionKeeper& keeper);

 private:
  struct Limit {
    explicit Limit(uint64_t count) : max(count), permits(count) {}
    uint64_t max;
    io::Permits permits;
  };
  using Optional = std::optional<Limit>;

  const Optional& limit_of(ConnectionKind kind) const { return limits_[static_cast<size_t>(kind)]; }
  static io::Permits* permits_of(Optional& limit) { return limit ? &limit->permits : nullptr; }
  io::Task<Result<Permit>> wait_for(ConnectionKind kind, io::EventLoop& loop);
  io::Task<io::Permits::Permit> wait_for(io::Permits* permits, io::EventLoop& loop);

  // Absent: as many as there are.
  std::array<Optional, kConnectionKinds> limits_;
  Optional total_;
  std::mutex mutex_;
  std::vector<ConnectionKeeper*> keepers_;
};

}  // namespace spindle::host
