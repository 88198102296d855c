#pragma once

// Pools of connections: one per address and certificate authority, kept per component and shared by
// all event loops.
//
//   Pools   those of a component; the least recently used one goes when there are too many
//   Pool    its settings, and connections at rest
//   Lease   one connection, for as long as somebody has it open
//
// A connection that comes back idle rests and is reset (DISCARD ALL) before the next one gets it;
// any other is closed. When all connections of a pool are taken, the next ones wait in turn. Idle
// connections belong to no loop: a loop attaches one when it takes it. They count among those that
// the operator allows (ConnectionLimits), and are closed when somebody waits for one.

#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/outbound/connection_limits.h"
#include "host/postgres/client.h"
#include "host/services.h"
#include "io/event.h"

namespace spindle::host::postgres {

inline constexpr unsigned kConnectionsPerPool = 64;
inline constexpr size_t kPoolsPerComponent = 16;

class Pool;

class Lease {
 public:
  Lease(std::shared_ptr<Pool> pool, std::unique_ptr<Client> client);
  Lease(Lease&&) noexcept = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  Client& client() const { return *client_; }
  Pool& pool() const { return *pool_; }

 private:
  std::shared_ptr<Pool> pool_;
  std::unique_ptr<Client> client_;
};

class Pool final : public std::enable_shared_from_this<Pool>, public ConnectionKeeper {
 public:
  static Result<std::shared_ptr<Pool>> create(std::string_view address, std::string_view ca_pem,
                                              std::shared_ptr<ConnectionLimits> limits);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  const Settings& settings() const { return settings_; }
  io::Task<Outcome<Lease>> acquire(const Services& services);
  // A connection beside those of the pool; an error where one would have to wait.
  io::Task<Outcome<std::unique_ptr<Client>>> connect_aside(const Services& services);
  void let_go() override;

  size_t idle_count();

 private:
  friend class Lease;
  struct Waiter {
    explicit Waiter(io::EventLoop& its_loop) : loop(its_loop), granted(its_loop) {}
    io::EventLoop& loop;
    io::Event granted;
    bool is_granted = false;
  };
  class Place;

  Pool(Settings settings, std::shared_ptr<ConnectionLimits> limits);
  io::Task<Outcome<std::unique_ptr<Client>>> connect(const Services& services);
  io::Task<Outcome<std::unique_ptr<Client>>> connect_in_turn(const Services& services);
  io::Task<Outcome<std::unique_ptr<Client>>> take_idle(const Services& services);
  io::Task<void> take_place(const Services& services);
  void give_back(std::unique_ptr<Client> client);
  void give_place();
  void leave(const std::shared_ptr<Waiter>& waiter);
  // The lock is held.
  void pass_place_on();

  const Settings settings_;
  // Outlives what is idle.
  const std::shared_ptr<ConnectionLimits> limits_;
  std::shared_ptr<const TrustedRoots> roots_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Client>> idle_;
  unsigned taken_ = 0;
  std::list<std::shared_ptr<Waiter>> waiters_;
};

class Pools {
 public:
  explicit Pools(std::shared_ptr<ConnectionLimits> limits) : limits_(std::move(limits)) {}

  Result<std::shared_ptr<Pool>> find_or_create(std::string_view address, std::string_view ca_pem);

 private:
  struct Entry {
    std::string address;
    std::string ca_pem;
    std::shared_ptr<Pool> pool;
  };

  const std::shared_ptr<ConnectionLimits> limits_;
  std::mutex mutex_;
  // The most recently used first.
  std::list<Entry> entries_;
};

}  // namespace spindle::host::postgres
