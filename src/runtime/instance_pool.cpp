#include "runtime/instance_pool.h"

#include <algorithm>

namespace spindle::runtime {

PooledGuest::~PooledGuest() = default;

// ---- leases ----

void InstanceLease::release() {
  if (seat_ == nullptr) return;
  if (is_making_) give_up();
  std::exchange(owner_, nullptr)->release(*std::exchange(seat_, nullptr));
}

bool InstanceLease::try_make() {
  if (seat_->is_making) return false;
  seat_->is_making = true;
  is_making_ = true;
  seat_->guest_made.reset();
  return true;
}

void InstanceLease::set_guest(std::unique_ptr<PooledGuest> guest) {
  VERIFY(is_making_ && seat_->guest == nullptr);
  seat_->guest = std::move(guest);
  give_up();
}

void InstanceLease::give_up() {
  is_making_ = false;
  seat_->is_making = false;
  seat_->guest_made.set();
}

void InstanceLease::retire() {
  owner_->retire(*seat_);
}

void InstanceLease::give_up_guest() {
  seat_->is_given_up = true;
  retire();
}

// ---- pools ----

InstancePools::~InstancePools() {
  VERIFY(running_ == 0 && waiting_ == 0 && endings_.size() == 0);
}

std::optional<InstanceLease> InstancePools::try_acquire(InstancePool& pool) {
  if (!can_run(pool) || !pool.waiting_.empty()) return std::nullopt;
  // Who waits longer has the first right to a new seat, not to room in this pool.
  const bool is_client = pool.callers_ == InstancePool::Callers::Clients;
  if (is_client && pool.open_.empty() && waiting_ > 0) return std::nullopt;
  InstanceSeat* seat = find_seat(pool);
  if (seat == nullptr) return std::nullopt;
  return take(*seat);
}

bool InstancePools::can_run(const InstancePool& pool) const {
  if (pool.callers_ == InstancePool::Callers::Components) return true;
  if (running_ - running_local_ >= options_.requests_max) return false;
  if (client_instances_ + options_.instances_reserved < options_.instances_max) return true;
  // One that others are in takes nothing from components.
  return !pool.open_.empty() && pool.open_.front()->running > 0;
}

io::Task<Result<void>> InstancePools::wait(Waiter& waiter) {
  co_await waiter.granted.wait();
  co_return Result<void>();
}

io::Task<Result<InstanceLease>> InstancePools::acquire(InstancePool& pool) {
  if (auto lease = try_acquire(pool)) co_return std::move(*lease);
  if (waiting_ >= options_.waiting_max) {
    co_return Error::unavailable("too many requests are waiting");
  }
  Waiter waiter(loop_);
  waiter.ticket = next_ticket_++;
  pool.waiting_.push_back(&waiter);
  ++waiting_;
  // Leaves the queue however this ends; a lease that came too late goes back by itself.
  struct Leave {
    InstancePools& pools;
    InstancePool& pool;
    Waiter& waiter;
    ~Leave() { pools.waiting_ -= std::erase(pool.waiting_, &waiter); }
  } leave{*this, pool, waiter};
  auto waiting = wait(waiter);
  auto bounded =
      io::with_deadline<void>(loop_, options_.wait_max, "waiting for a place", std::move(waiting));
  auto granted = co_await std::move(bounded);
  if (!waiter.lease) {
    co_return Error::unavailable(granted ? "no place" : granted.error().message());
  }
  co_return std::move(waiter.lease);
}

io::Task<void> InstancePools::close() {
  is_closed_ = true;
  for (auto next = seats_.begin(); next != seats_.end();) {
    InstanceSeat& seat = *next++;
    seat.is_given_up = true;
    if (seat.working != nullptr) seat.working->cancel(Error::canceled("the server ends"));
    destroy(seat);
  }
  co_await endings_.drained();
}

void InstancePools::grant() {
  while (waiting_ > 0 && grant_one()) {
  }
}

bool InstancePools::grant_one() {
  InstancePool* next = nullptr;
  for (InstancePool& pool : pools_) {
    if (pool.waiting_.empty() || !can_run(pool)) continue;
    if (pool.open_.empty() && !can_make()) continue;
    if (next == nullptr || pool.waiting_.front()->ticket < next->waiting_.front()->ticket) {
      next = &pool;
    }
  }
  if (next == nullptr) return false;
  InstanceSeat* seat = find_seat(*next);
  // The room that it had was in an instance that has failed.
  if (seat == nullptr) return true;
  Waiter& waiter = *next->waiting_.front();
  next->waiting_.pop_front();
  --waiting_;
  waiter.lease = take(*seat);
  waiter.granted.set();
  return true;
}

// ---- seats ----

template <typename T>
T InstancePools::draw(const app::ValueRange<T>& range) {
  if (range.first == range.last) return range.first;
  const auto width = static_cast<uint64_t>((range.last - range.first) / T(1)) + 1;
  // Without randomness the smallest.
  const Result<uint64_t> drawn = wasi::random_u64(random_);
  return drawn ? range.first + T(*drawn % width) : range.first;
}

InstanceSeat& InstancePools::make_seat(InstancePool& pool) {
  InstanceSeat& seat = seats_.emplace_back(pool, loop_);
  seat.self = std::prev(seats_.end());
  const ReuseSettings& settings = pool.settings_;
  if (settings.mode != app::InstanceMode::Fresh) seat.uses_left = draw(settings.max_uses);
  seat.idle_max = draw(settings.idle);
  if (settings.mode == app::InstanceMode::Concurrent) {
    seat.concurrent_max = draw(settings.max_concurrent);
  }
  return seat;
}

InstanceSeat* InstancePools::find_seat(InstancePool& pool) {
  while (!pool.open_.empty()) {
    InstanceSeat& seat = *pool.open_.front();
    // It may have failed since: a task that went on after its response.
    if (!seat.guest || seat.guest->is_healthy()) return &seat;
    retire(seat);
  }
  if (seats_.size() < options_.instances_max) return &make_seat(pool);
  if (idle_.empty()) return nullptr;
  // Its place is free at once, unless something still goes on in it.
  destroy(*idle_.front());
  if (seats_.size() >= options_.instances_max) return nullptr;
  return &make_seat(pool);
}

InstanceLease InstancePools::take(InstanceSeat& seat) {
  set_busy(seat);
  ++running_;
  if (seat.pool.callers_ == InstancePool::Callers::Components) {
    ++running_local_;
  } else if (seat.running == 0) {
    ++client_instances_;
  }
  ++seat.running;
  --seat.uses_left;
  if (seat.uses_left == 0 || seat.running >= seat.concurrent_max || seat.is_retired) {
    set_full(seat);
  } else {
    set_open(seat);
  }
  return {*this, seat};
}

void InstancePools::release(InstanceSeat& seat) {
  --running_;
  --seat.running;
  if (seat.pool.callers_ == InstancePool::Callers::Components) {
    --running_local_;
  } else if (seat.running == 0) {
    --client_instances_;
  }
  const bool is_alone = seat.running == 0;
  const bool may_be_unclean = seat.pool.settings_.mode == app::InstanceMode::Concurrent;
  const bool is_usable = !is_closed_ && !seat.is_retired && seat.uses_left > 0 &&
                         (seat.guest ? seat.guest->is_healthy() : !is_alone);
  if (is_usable && is_alone && !may_be_unclean && !seat.guest->is_clean()) {
    set_full(seat);
    seat.is_ending = true;
    endings_.spawn(settle(seat));
  } else if (is_usable) {
    set_open(seat);
    if (is_alone) set_idle(seat);
  } else {
    set_full(seat);
    if (is_alone) destroy(seat);
  }
  grant();
}

io::Task<void> InstancePools::settle(InstanceSeat& seat) {
  if (seat.guest->needs_end()) {
    auto working = wait_for_work(seat);
    co_await std::move(working);
  }
  seat.is_ending = false;
  if (!is_closed_ && !seat.is_retired && seat.guest->is_healthy() && seat.guest->is_clean()) {
    set_open(seat);
    set_idle(seat);
  } else {
    destroy(seat);
  }
  grant();
}

void InstancePools::retire(InstanceSeat& seat) {
  seat.is_retired = true;
  set_full(seat);
  if (seat.running == 0) destroy(seat);
}

void InstancePools::set_open(InstanceSeat& seat) {
  if (seat.open_at) return;
  seat.pool.open_.push_front(&seat);
  seat.open_at = seat.pool.open_.begin();
}

void InstancePools::set_full(InstanceSeat& seat) {
  if (!seat.open_at) return;
  seat.pool.open_.erase(*seat.open_at);
  seat.open_at.reset();
}

void InstancePools::set_idle(InstanceSeat& seat) {
  idle_.push_back(&seat);
  seat.idle_at = std::prev(idle_.end());
  seat.idle_since = io::Clock::now();
  if (!seat.idle_until.is_armed()) watch_idle(seat, seat.idle_max);
}

void InstancePools::set_busy(InstanceSeat& seat) {
  if (!seat.idle_at) return;
  idle_.erase(*seat.idle_at);
  seat.idle_at.reset();
}

// The deadline must not destroy what holds it, so the look comes a little later.
void InstancePools::watch_idle(InstanceSeat& seat, io::Clock::duration delay) {
  seat.idle_until = loop_.deadlines().arm(delay, [this, &seat] {
    loop_.post([this, &seat, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) check_idle(seat);
    });
  });
}

void InstancePools::check_idle(InstanceSeat& seat) {
  // The seat itself may be gone since.
  if (std::ranges::none_of(seats_, [&](InstanceSeat& each) { return &each == &seat; })) return;
  seat.idle_until.disarm();
  if (!seat.idle_at) return;
  const io::Clock::duration waited = io::Clock::now() - seat.idle_since;
  if (waited >= seat.idle_max) {
    destroy(seat);
  } else {
    watch_idle(seat, seat.idle_max - waited);
  }
}

void InstancePools::destroy(InstanceSeat& seat) {
  set_full(seat);
  set_busy(seat);
  if (seat.is_ending) return;
  if (seat.guest && seat.guest->needs_end()) {
    seat.is_ending = true;
    endings_.spawn(end(seat));
  } else {
    seats_.erase(seat.self);
  }
}

io::Task<Result<void>> InstancePools::work_on(PooledGuest& guest) {
  auto working = guest.done();
  co_await std::move(working);
  co_return Result<void>();
}

io::Task<void> InstancePools::wait_for_work(InstanceSeat& seat) {
  io::CancelSource working(loop_);
  seat.working = &working;
  auto limit = loop_.deadlines().arm(options_.work_on_max, [&working] {
    working.cancel(Error::timeout("worked on for too long"));
  });
  auto waiting = working.run<void>(work_on(*seat.guest));
  (void)co_await std::move(waiting);
  seat.working = nullptr;
}

io::Task<void> InstancePools::end(InstanceSeat& seat) {
  if (!seat.is_given_up) {
    auto working = wait_for_work(seat);
    co_await std::move(working);
  }
  auto ending = seat.guest->end();
  co_await std::move(ending);
  seats_.erase(seat.self);
  grant();
}

}  // namespace spindle::runtime
