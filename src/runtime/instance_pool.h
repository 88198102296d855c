#pragma once

// InstancePools: the live instances of one event loop, and who may use one next.
//
//   InstancePool& pool = pools.add(reuse);               // one for each component, at start
//   auto acquiring = pools.acquire(pool);
//   InstanceLease lease = CO_TRY(co_await std::move(acquiring));
//   if (lease.guest() == nullptr) ...                    // prepare(): made by who comes first
//   lease.retire();                                      // nobody else is to use it
//
// A seat is a place for one instance; there are at most `instances_max` of them. A request takes
// room in a seat of its component, else a new seat, else one that an idle instance of any component
// gives up. Where there is none it waits in a queue of bounded length and time, so that overload
// sheds load instead of piling it up.
//
// How often, and by how many at once, an instance is used is drawn when its seat is made
// (ReuseSettings). An instance that is not reusable any more takes no more requests, and goes when
// the last that is in it is over; an idle one goes after its time. One that works on after its
// requests keeps its seat until it is done (PooledGuest::done).
//
// Knows nothing of wasm. One thread.

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "app/instance_reuse.h"
#include "base/result.h"
#include "io/cancel.h"
#include "io/deadlines.h"
#include "io/event.h"
#include "io/event_loop.h"
#include "wasi/core/random.h"

namespace spindle::runtime {

// How instances of one component are used, decided. The numbers mean something only where
// instances are reused.
struct ReuseSettings {
  app::InstanceMode mode = app::InstanceMode::Fresh;
  app::CountRange max_uses{128, 128};
  app::CountRange max_concurrent{16, 16};
  app::DurationRange idle{std::chrono::seconds(1), std::chrono::seconds(1)};
};

// An instance as a pool knows it.
class PooledGuest {
 public:
  virtual ~PooledGuest();
  // Whether another request may enter: nothing has failed in it.
  virtual bool is_healthy() = 0;
  // Asked when no request is in it, unless several may be: nothing of earlier ones is left.
  virtual bool is_clean() = 0;
  // Whether there is something to wait for before it can be destroyed.
  virtual bool needs_end() = 0;
  // Until nothing goes on in it any more. May be canceled.
  virtual io::Task<void> done() = 0;
  // Until it can be destroyed; what still goes on is given up.
  virtual io::Task<void> end() = 0;
};

class InstancePool;
class InstancePools;

// A place for one instance.
struct InstanceSeat {
  InstanceSeat(InstancePool& owner, io::EventLoop& loop) : pool(owner), guest_made(loop) {}

  InstancePool& pool;
  std::unique_ptr<PooledGuest> guest;
  io::Event guest_made;
  bool is_making = false;
  bool is_retired = false;
  // What goes on in it is not to be waited for.
  bool is_given_up = false;
  bool is_ending = false;
  // Ends the wait for what goes on in it.
  io::CancelSource* working = nullptr;
  uint32_t uses_left = 1;
  uint32_t concurrent_max = 1;
  uint32_t running = 0;
  std::list<InstanceSeat>::iterator self;
  // Where it stands among the seats with room, and among the idle ones.
  std::optional<std::list<InstanceSeat*>::iterator> open_at;
  std::optional<std::list<InstanceSeat*>::iterator> idle_at;
  io::Clock::time_point idle_since;
  io::Clock::duration idle_max{};
  // Stays armed while requests come and go; looks at idle_since when it fires.
  io::Deadlines::Armed idle_until;
};

// The right of one request to use an instance. Gives it back when destroyed.
class [[nodiscard]] InstanceLease {
 public:
  InstanceLease() = default;
  InstanceLease(InstancePools& owner, InstanceSeat& seat) : owner_(&owner), seat_(&seat) {}
  InstanceLease(InstanceLease&& other) noexcept { *this = std::move(other); }
  InstanceLease& operator=(InstanceLease&& other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(seat_, other.seat_);
    return *this;
  }
  ~InstanceLease() { release(); }

  explicit operator bool() const { return seat_ != nullptr; }
  void release();

  // Null until somebody has made it.
  PooledGuest* guest() const { return seat_->guest.get(); }
  // The caller is to make the instance now and give it to set_guest(), or to call give_up() where
  // that fails; false while another request is at it: wait for made().
  bool try_make();
  void set_guest(std::unique_ptr<PooledGuest> guest);
  void give_up();
  io::Task<void> made() { return seat_->guest_made.wait(); }

  // No further request is to enter the instance.
  void retire();
  // And what this one has begun in it is given up when the others are over.
  void give_up_guest();
  // Requests that are in the instance, with this one.
  uint32_t running() const { return seat_->running; }

 private:
  InstancePools* owner_ = nullptr;
  InstanceSeat* seat_ = nullptr;
  bool is_making_ = false;
};

// The instances of one component.
class InstancePool {
 public:
  // Whose requests it serves. Those of components are part of a client's, which holds a place
  // already: `requests_max` does not count them.
  enum class Callers : uint8_t { Clients, Components };

  InstancePool(ReuseSettings settings, Callers callers) : settings_(settings), callers_(callers) {}
  const ReuseSettings& settings() const { return settings_; }

 private:
  friend class InstancePools;
  struct Waiter {
    explicit Waiter(io::EventLoop& loop) : granted(loop) {}
    uint64_t ticket = 0;
    io::Event granted;
    InstanceLease lease;
  };

  ReuseSettings settings_;
  Callers callers_;
  // Seats with room, the one used last first.
  std::list<InstanceSeat*> open_;
  std::deque<Waiter*> waiting_;
};

class InstancePools {
 public:
  struct Options {
    size_t instances_max = 500;
    // Of them, those that only requests of components get: their callers hold others already and
    // wait for them.
    size_t instances_reserved = 0;
    size_t requests_max = SIZE_MAX;
    size_t waiting_max = 500;
    io::Clock::duration wait_max = std::chrono::seconds(5);
    // How long an instance may work on after its last request.
    io::Clock::duration work_on_max = std::chrono::seconds(60);
  };

  // `random` outlives the pools.
  InstancePools(io::EventLoop& loop, wasi::Random& random, Options options)
      : loop_(loop), random_(random), options_(options), endings_(loop) {}
  ~InstancePools();
  InstancePools(const InstancePools&) = delete;
  InstancePools& operator=(const InstancePools&) = delete;

  // Stays where it is.
  InstancePool& add(const ReuseSettings& settings,
                    InstancePool::Callers callers = InstancePool::Callers::Clients) {
    return pools_.emplace_back(settings, callers);
  }

  // At once where there is room and nobody waits for it.
  std::optional<InstanceLease> try_acquire(InstancePool& pool);
  // An Unavailable error when the queue is full or the wait too long.
  io::Task<Result<InstanceLease>> acquire(InstancePool& pool);
  // No request is in an instance any more: all of them go, whatever goes on in them.
  io::Task<void> close();

  size_t instances() const { return seats_.size(); }
  size_t idle() const { return idle_.size(); }
  size_t running() const { return running_; }
  size_t waiting() const { return waiting_; }

 private:
  friend class InstanceLease;
  using Waiter = InstancePool::Waiter;

  static io::Task<Result<void>> wait(Waiter& waiter);
  bool can_run(const InstancePool& pool) const;
  bool can_make() const { return seats_.size() < options_.instances_max || !idle_.empty(); }
  InstanceLease take(InstanceSeat& seat);
  InstanceSeat& make_seat(InstancePool& pool);
  // Room in the pool, or a new seat; null where there is neither.
  InstanceSeat* find_seat(InstancePool& pool);
  void release(InstanceSeat& seat);
  void retire(InstanceSeat& seat);
  void set_open(InstanceSeat& seat);
  void set_full(InstanceSeat& seat);
  void set_idle(InstanceSeat& seat);
  void set_busy(InstanceSeat& seat);
  void watch_idle(InstanceSeat& seat, io::Clock::duration delay);
  void check_idle(InstanceSeat& seat);
  void destroy(InstanceSeat& seat);
  io::Task<void> end(InstanceSeat& seat);
  // Opens the seat again once what an earlier request began in it is done.
  io::Task<void> settle(InstanceSeat& seat);
  io::Task<void> wait_for_work(InstanceSeat& seat);
  static io::Task<Result<void>> work_on(PooledGuest& guest);
  // Lets those in who wait, the oldest first, while there is room.
  void grant();
  bool grant_one();
  template <typename T>
  T draw(const app::ValueRange<T>& range);

  io::EventLoop& loop_;
  wasi::Random& random_;
  Options options_;
  std::deque<InstancePool> pools_;
  std::list<InstanceSeat> seats_;
  std::list<InstanceSeat*> idle_;  // the longest idle first
  size_t running_ = 0;
  // Of them, those of components; and the instances that clients' requests are in.
  size_t running_local_ = 0;
  size_t client_instances_ = 0;
  size_t waiting_ = 0;
  uint64_t next_ticket_ = 0;
  bool is_closed_ = false;
  // Tells a posted action that the pools are gone.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>();
  io::TaskGroup endings_;
};

}  // namespace spindle::runtime
