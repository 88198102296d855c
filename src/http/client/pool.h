#pragma once

// Pool: the connections of a client, those in use and those that wait for the next request.
//
// A connection of HTTP/1.1 in use is a Lease; it goes back with keep(), or is closed when its lease
// is dropped, by whatever way. A session of HTTP/2 has as many leases as it takes requests at a
// time; the next request opens another one. While it is not known what a server will choose, or
// known that it is HTTP/2, those who come meanwhile wait for the first connection and share its
// failure. Nothing beyond the limits is opened: who would, waits for its turn. An idle connection
// is asked for news before it is used again, since servers close them at any time, and all of them
// are looked at now and then.

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "http/client/connector.h"
#include "http/client/http2_session.h"
#include "http/client/limits.h"
#include "io/deadlines.h"
#include "io/event.h"

namespace spindle::http {

class Pool {
  struct Host;
  struct Shared;

 public:
  struct Counters {
    uint64_t opened = 0;
    uint64_t reused = 0;
    size_t open = 0;
    size_t idle = 0;
    size_t waiting = 0;
  };

  Pool(io::EventLoop& loop, const ClientLimits& limits, Connector& connector);
  // After all leases, and all who wait.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept { *this = std::move(other); }
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() { drop(); }

    explicit operator bool() const { return pool_ != nullptr; }
    // Null: it is a connection of HTTP/1.1, which has a stream.
    Http2Session* session() const;
    io::ByteStream& stream() { return *stream_; }
    // It has carried a request before.
    bool is_reused() const { return reused_; }
    // Back to the pool, for the next one.
    void keep();
    // Closes it; a session goes on without this lease.
    void drop();

   private:
    friend class Pool;
    Pool* pool_ = nullptr;
    Host* host_ = nullptr;
    std::unique_ptr<io::ByteStream> stream_;
    std::shared_ptr<Shared> shared_;
    bool reused_ = false;
  };

  enum class Freshness : uint8_t { Any, New };
  // `limit` holds for everything until there is a connection.
  io::Task<Outcome<Lease>> acquire(Origin origin, Freshness freshness, io::Clock::duration limit);
  void close_idle();
  // Until nothing is open. What is given back meanwhile is closed.
  io::Task<void> drained();
  const ClientLimits& limits() const { return limits_; }
  const Counters& counters() const { return counters_; }

 private:
  struct Waiter {
    explicit Waiter(io::EventLoop& loop) : turn(loop) {}
    io::Event turn;
  };
  struct Idle {
    std::unique_ptr<io::ByteStream> stream;
    io::Clock::time_point since;
  };
  // Somebody connects, and others wait for what comes of it.
  struct Attempt {
    explicit Attempt(io::EventLoop& loop) : over(loop) {}
    io::Event over;
    std::optional<Failure> failure;
    size_t joined = 0;
  };
  // A session and its place among the connections.
  struct Shared final : Http2Session::Owner {
    Shared(Pool& owner, Host& at) : pool(owner), host(at) {}
    void session_over() override;
    bool is_idle() const { return users == 0 && !is_over; }

    Pool& pool;
    Host& host;
    std::shared_ptr<Http2Session> session;
    size_t users = 0;
    io::Clock::time_point idle_since;
    bool is_over = false;
  };
  struct Host {
    size_t open = 0;
    // Who holds a reference without a connection.
    size_t users = 0;
    // The newest last.
    std::vector<Idle> idle;
    std::vector<std::shared_ptr<Shared>> shared;
    std::vector<std::shared_ptr<Attempt>> attempts;
    // What the last connection spoke.
    std::optional<Protocol> protocol;
    std::list<Waiter*> waiters;
  };
  // A place for one connection of a host.
  class Place;
  class Waiting;
  class Attempting;
  enum class Stage : uint8_t { Waiting, Connecting };

  io::Task<Result<Outcome<Lease>>> connect(const Origin& origin, Freshness freshness, Stage& stage);
  io::Task<Outcome<Lease>> connect_at(const Origin& origin, Host& host, Stage& stage);
  // Who comes next may wait for it.
  std::shared_ptr<Attempt> find_attempt(const Origin& origin, Host& host);
  bool may_share(const Origin& origin, const Host& host) const;
  io::Task<void> wait_for_turn(Host& host);
  Host& host_of(const Origin& origin);
  std::optional<Lease> take(Host& host);
  std::optional<Lease> take_idle(Host& host);
  std::optional<Lease> take_shared(Host& host);
  Lease lease_of(const std::shared_ptr<Shared>& shared);
  void give_back(Shared& shared);
  void end(Shared& shared);
  bool has_room(Host& host);
  bool evict_idle();
  bool evict_idle(Host& host);
  void close_shared(Host& host, io::Clock::time_point idle_since);
  bool may_keep_idle() const;
  io::Task<std::vector<io::Permits::Permit>> take_permits();
  // Others of the process wait for a connection.
  bool is_contended() const;
  void remove_idle(Host& host, size_t index);
  void release(Host& host);
  void wake_next(Host& preferred);
  void arm_sweep();
  void sweep();

  io::EventLoop& loop_;
  const ClientLimits limits_;
  Connector& connector_;
  // Hosts without connections are forgotten when there are many.
  std::map<Origin, Host> hosts_;
  Counters counters_;
  io::Event empty_;
  bool closing_ = false;
  // The one that fires must not be destroyed then, so they take turns.
  io::Deadlines::Armed sweeps_[2];
  unsigned next_sweep_ = 0;
  bool sweep_due_ = false;
};

}  // namespace spindle::http
