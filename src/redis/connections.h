#pragma once

// Connections: how the guests and stores of one event loop get to Redis servers.
//
//   auto acquiring = connections.acquire(address);
//   Lease lease = CO_TRY(co_await std::move(acquiring));      // for one user alone
//   lease->ask(...);
//
// A connection that is given back quiet is kept for a while for the next one who wants the same
// server with the same login; whoever changed what the server remembers of it (a transaction, a
// database) must taint() it, and it is closed instead. shared() is one connection for many users,
// whose commands are pipelined: for commands that leave nothing behind.
//
// One per event loop; leases may outlive it, the loop may not.

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include "io/deadlines.h"
#include "io/dialer.h"
#include "io/event.h"
#include "redis/connection.h"
#include "redis/limits.h"
#include "redis/subscriber.h"

namespace spindle::redis {

class Connections {
 public:
  struct Limits {
    size_t idle_of_server_max = kIdleOfServerMax;
    size_t idle_max = kIdleMax;
    io::Clock::duration idle_time = kIdleTime;
  };

  // Both outlive it.
  Connections(io::EventLoop& loop, io::Dialer& dialer, Limits limits);
  Connections(io::EventLoop& loop, io::Dialer& dialer) : Connections(loop, dialer, Limits()) {}
  // To servers that are in this process, whatever their addresses.
  using LocalServers = std::function<std::unique_ptr<io::ByteStream>(const Address& address)>;
  Connections(io::EventLoop& loop, LocalServers servers);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  class Lease;
  io::Task<Result<Lease>> acquire(Address address);
  io::Task<Result<std::shared_ptr<Connection>>> shared(Address address);
  // Nobody uses it any more: what is idle or shared is closed.
  void close();

  size_t idle() const;

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    io::Deadlines::Armed until;
  };
  struct Kept;
  struct Shared {
    explicit Shared(io::EventLoop& loop) : opened(loop) {}
    std::shared_ptr<Connection> connection;
    // Of the last attempt to open it, for those who waited for that.
    std::optional<Error> failure;
    bool is_opening = false;
    io::Event opened;
  };

  io::Task<Result<std::unique_ptr<Connection>>> open(Address address);

  io::EventLoop& loop_;
  // Null where servers are local.
  io::Dialer* dialer_ = nullptr;
  LocalServers local_servers_;
  std::shared_ptr<Kept> kept_;
  std::map<Address, std::shared_ptr<Shared>> shared_;
};

class [[nodiscard]] Connections::Lease {
 public:
  Lease(Lease&&) noexcept = default;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease();

  Connection& operator*() const { return *connection_; }
  Connection* operator->() const { return connection_.get(); }
  // Nobody is to use it after this one.
  void taint() { kept_.reset(); }

 private:
  friend class Connections;
  Lease(std::weak_ptr<Kept> kept, Address address, std::unique_ptr<Connection> connection)
      : kept_(std::move(kept)), address_(std::move(address)), connection_(std::move(connection)) {}
  void release();

  std::weak_ptr<Kept> kept_;
  Address address_;
  std::unique_ptr<Connection> connection_;
};

// A new connection, logged in, in bounded time. Over TLS the system's roots are trusted.
io::Task<Result<std::unique_ptr<Connection>>> connect(io::EventLoop& loop, io::Dialer& dialer,
                                                      Address address);
io::Task<Result<std::unique_ptr<Subscriber>>> subscribe(io::EventLoop& loop, io::Dialer& dialer,
                                                        Address address,
                                                        Subscriptions subscriptions);

}  // namespace spindle::redis
