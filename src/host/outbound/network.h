#pragma once

// OutboundNetwork: what everything that leaves one event loop goes through: the resolver, the
// operator's policy, the HTTP client with its connections. Made before anything is served, drained
// after the last guest is gone.

#include "host/outbound/address_policy.h"
#include "host/outbound/connection_limits.h"
#include "http/client/client.h"
#include "io/blocking_pool.h"
#include "io/dialer.h"
#include "io/resolver.h"
#include "redis/connections.h"
#include "wasi/core/http/outbound.h"

namespace spindle::host {

class OutboundNetwork {
 public:
  // What the loops of the process share.
  struct Common {
    io::BlockingPool& name_lookups;
    const app::OutboundConfig& config;
    const http::TlsSettings& tls;
    ConnectionLimits& limits;
  };

  // What is common outlives it.
  OutboundNetwork(io::EventLoop& loop, const Common& common)
      : policy_(common.config),
        resolver_(loop, common.name_lookups),
        dialer_(loop, resolver_, policy_),
        connector_(loop, dialer_, common.tls),
        client_(loop, connector_, limits(loop, common)),
        redis_(loop, dialer_),
        operator_dialer_(loop, resolver_, open_gate_),
        operator_redis_(loop, operator_dialer_),
        tasks_(loop),
        services_{client_, tasks_},
        keeper_(loop, client_, common.limits) {}

  wasi::OutboundServices& services() { return services_; }
  io::Dialer& dialer() { return dialer_; }
  redis::Connections& redis() { return redis_; }
  // Of servers that the operator, not a guest, chose: no network is blocked.
  io::Dialer& operator_dialer() { return operator_dialer_; }
  redis::Connections& operator_redis() { return operator_redis_; }
  // Until all requests are over; their guests are gone.
  io::Task<void> drained() {
    co_await tasks_.drained();
    co_await client_.drained();
    redis_.close();
    operator_redis_.close();
  }

 private:
  class OpenGate final : public io::AddressGate {
   public:
    bool permits(const io::Endpoint&) const override { return true; }
  };

  static http::ClientLimits limits(io::EventLoop& loop, const Common& common) {
    http::ClientLimits limits;
    if (!common.config.pools_http_connections) limits.idle_time = http::ClientLimits::Duration(0);
    limits.permits = {common.limits.find(ConnectionKind::Http), common.limits.find_total()};
    limits.before_waiting = [&all = common.limits, &loop] { all.announce_wait(loop); };
    return limits;
  }

  // Connections of HTTP that rest are closed when somebody waits for one of any kind.
  class Keeper final : public ConnectionKeeper {
   public:
    Keeper(io::EventLoop& loop, http::Client& client, ConnectionLimits& limits)
        : loop_(loop), client_(client), limits_(limits) {
      limits_.add(*this);
    }
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;
    ~Keeper() { limits_.remove(*this); }

    void let_go() override {
      loop_.post([this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) client_.close_idle();
      });
    }

   private:
    io::EventLoop& loop_;
    http::Client& client_;
    ConnectionLimits& limits_;
    // On the loop only; what is posted may come after the client is gone.
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  };

  AddressPolicy policy_;
  io::Resolver resolver_;
  io::Dialer dialer_;
  http::TcpConnector connector_;
  http::Client client_;
  redis::Connections redis_;
  OpenGate open_gate_;
  io::Dialer operator_dialer_;
  redis::Connections operator_redis_;
  io::TaskGroup tasks_;
  wasi::OutboundServices services_;
  Keeper keeper_;
};

}  // namespace spindle::host
