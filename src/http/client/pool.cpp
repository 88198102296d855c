#include "http/client/pool.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/verify.h"
#include "io/cancel.h"
#include "io/test_streams.h"

namespace spindle::http {

namespace {

constexpr size_t kHostsKept = 1'024;
// How many wait for one connection that is expected to be a session: what most servers take.
constexpr size_t kJoinedMax = 100;

// Neither closed nor with bytes that nobody asked for.
bool is_quiet(io::ByteStream& stream) {
  uint8_t byte = 0;
  auto step = stream.try_read({&byte, 1});
  return step && step->count == 0 && !step->is_ended;
}

// A connection with what it holds of the process.
class PermittedStream final : public io::WrappedStream {
 public:
  PermittedStream(std::unique_ptr<io::ByteStream> inner, std::vector<io::Permits::Permit> permits)
      : WrappedStream(std::move(inner)), permits_(std::move(permits)) {}

 private:
  std::vector<io::Permits::Permit> permits_;
};

}  // namespace

class Pool::Place {
 public:
  Place(Pool& pool, Host& host) : pool_(&pool), host_(host) {
    host.open += 1;
    pool.counters_.open += 1;
    pool.empty_.reset();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (pool_ != nullptr) pool_->release(host_);
  }
  Lease fill(std::unique_ptr<io::ByteStream> stream) {
    Lease lease;
    lease.pool_ = std::exchange(pool_, nullptr);
    lease.host_ = &host_;
    lease.stream_ = std::move(stream);
    return lease;
  }
  Outcome<Lease> share(std::unique_ptr<io::ByteStream> stream) {
    auto shared = std::make_shared<Shared>(*pool_, host_);
    shared->session =
        TRY(Http2Session::start(pool_->loop_, std::move(stream), pool_->limits_, *shared));
    host_.shared.push_back(shared);
    pool_->counters_.idle += 1;
    auto lease = pool_->lease_of(shared);
    pool_ = nullptr;
    return lease;
  }

 private:
  Pool* pool_;
  Host& host_;
};

// In the queue of a host; gives a turn that came in vain to the next.
class Pool::Waiting {
 public:
  Waiting(Pool& pool, Host& host, Waiter& waiter) : pool_(pool), host_(host), waiter_(waiter) {
    host.waiters.push_back(&waiter);
    pool.counters_.waiting += 1;
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    pool_.counters_.waiting -= 1;
    if (host_.waiters.remove(&waiter_) == 0 && !taken_) pool_.wake_next(host_);
  }
  void take_turn() { taken_ = true; }

 private:
  Pool& pool_;
  Host& host_;
  Waiter& waiter_;
  bool taken_ = false;
};

// In the list of a host while somebody connects; tells who joined, however it ends.
class Pool::Attempting {
 public:
  Attempting(Pool& pool, Host& host)
      : host_(host), attempt_(std::make_shared<Attempt>(pool.loop_)) {
    host.attempts.push_back(attempt_);
  }
  Attempting(const Attempting&) = delete;
  Attempting& operator=(const Attempting&) = delete;
  ~Attempting() {
    std::erase(host_.attempts, attempt_);
    attempt_->over.set();
  }
  void fail(const Failure& failure) { attempt_->failure = failure; }

 private:
  Host& host_;
  const std::shared_ptr<Attempt> attempt_;
};

Pool::Pool(io::EventLoop& loop, const ClientLimits& limits, Connector& connector)
    : loop_(loop), limits_(limits), connector_(connector), empty_(loop) {
  empty_.set();
}

Pool::~Pool() {
  VERIFY(counters_.open == 0 && counters_.waiting == 0);
}

Pool::Lease& Pool::Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  drop();
  pool_ = std::exchange(other.pool_, nullptr);
  host_ = std::exchange(other.host_, nullptr);
  stream_ = std::move(other.stream_);
  shared_ = std::move(other.shared_);
  reused_ = other.reused_;
  return *this;
}

Http2Session* Pool::Lease::session() const {
  return shared_ ? shared_->session.get() : nullptr;
}

void Pool::Lease::drop() {
  if (pool_ == nullptr) return;
  if (auto shared = std::exchange(shared_, nullptr)) {
    std::exchange(pool_, nullptr)->give_back(*shared);
    return;
  }
  stream_->close();
  stream_.reset();
  std::exchange(pool_, nullptr)->release(*host_);
}

void Pool::Lease::keep() {
  if (pool_ == nullptr) return;
  auto& pool = *pool_;
  const bool may_stay = pool.may_keep_idle() && host_->idle.size() < pool.limits_.idle_per_origin;
  if (!may_stay) {
    drop();
    return;
  }
  host_->idle.push_back({std::move(stream_), io::Clock::now()});
  pool_ = nullptr;
  pool.counters_.idle += 1;
  pool.arm_sweep();
  pool.wake_next(*host_);
}

io::Task<Outcome<Pool::Lease>> Pool::acquire(Origin origin, Freshness freshness,
                                             io::Clock::duration limit) {
  if (freshness == Freshness::Any) {
    auto found = hosts_.find(origin);
    if (found != hosts_.end() && found->second.waiters.empty()) {
      if (auto lease = take(found->second)) co_return std::move(*lease);
    }
  }
  auto stage = Stage::Waiting;
  auto connecting = connect(origin, freshness, stage);
  auto bounded = io::with_deadline(loop_, limit, "connecting", std::move(connecting));
  auto connected = co_await std::move(bounded);
  if (connected) co_return connected.take_value();
  if (stage == Stage::Waiting) {
    co_return Outcome<Lease>(
        FailureCode::ConnectionLimitReached,
        fmt::format("too many connections are open, {} of them idle", counters_.idle));
  }
  co_return Outcome<Lease>(FailureCode::ConnectionTimeout,
                           fmt::format("connecting to {} took too long", origin.to_string()));
}

io::Task<Result<Outcome<Pool::Lease>>> Pool::connect(const Origin& origin, Freshness freshness,
                                                     Stage& stage) {
  struct User {
    explicit User(Host& used) : host(used) { host.users += 1; }
    User(const User&) = delete;
    User& operator=(const User&) = delete;
    ~User() { host.users -= 1; }
    Host& host;
  } user(host_of(origin));
  auto& host = user.host;
  while (true) {
    if (freshness == Freshness::Any) {
      if (auto lease = take(host)) co_return Outcome<Lease>(std::move(*lease));
      if (auto attempt = find_attempt(origin, host)) {
        attempt->joined += 1;
        stage = Stage::Connecting;
        co_await attempt->over.wait();
        if (attempt->failure) co_return Outcome<Lease>(*attempt->failure);
        stage = Stage::Waiting;
        continue;
      }
    }
    if (has_room(host)) break;
    co_await wait_for_turn(host);
  }
  auto connecting = connect_at(origin, host, stage);
  auto connected = co_await std::move(connecting);
  co_return connected;
}

io::Task<Outcome<Pool::Lease>> Pool::connect_at(const Origin& origin, Host& host, Stage& stage) {
  Attempting attempting(*this, host);
  Place place(*this, host);
  auto taking = take_permits();
  auto permits = co_await std::move(taking);
  stage = Stage::Connecting;
  auto connecting = connector_.connect(origin);
  auto connected = co_await std::move(connecting);
  if (!connected) {
    // Others may have more time.
    const bool is_given_up = connected.error().code == FailureCode::ConnectionTimeout;
    if (!is_given_up) attempting.fail(connected.error());
    co_return Outcome<Lease>(connected.take_error());
  }
  counters_.opened += 1;
  host.protocol = connected->protocol;
  auto stream = std::move(connected->stream);
  if (!permits.empty()) {
    stream = std::make_unique<PermittedStream>(std::move(stream), std::move(permits));
  }
  if (connected->protocol == Protocol::Http2) co_return place.share(std::move(stream));
  co_return place.fill(std::move(stream));
}

bool Pool::may_share(const Origin& origin, const Host& host) const {
  if (host.protocol) return *host.protocol == Protocol::Http2;
  return origin.scheme == Scheme::Https || origin.plain == Protocol::Http2;
}

std::shared_ptr<Pool::Attempt> Pool::find_attempt(const Origin& origin, Host& host) {
  if (!may_share(origin, host) || !may_keep_idle()) return nullptr;
  for (const auto& attempt : host.attempts) {
    if (attempt->joined + 1 < std::min(kJoinedMax, limits_.streams_per_connection)) return attempt;
  }
  return nullptr;
}

io::Task<std::vector<io::Permits::Permit>> Pool::take_permits() {
  std::vector<io::Permits::Permit> all;
  for (io::Permits* permits : limits_.permits) {
    if (permits == nullptr) continue;
    auto permit = permits->try_take();
    // An idle connection of ours may be what is in the way.
    if (!permit && evict_idle()) permit = permits->try_take();
    if (!permit) {
      if (limits_.before_waiting) limits_.before_waiting();
      auto taking = permits->take(loop_);
      permit.emplace(co_await std::move(taking));
    }
    all.push_back(std::move(*permit));
  }
  co_return all;
}

bool Pool::may_keep_idle() const {
  return !closing_ && !is_contended() && limits_.idle_time > ClientLimits::Duration::zero();
}

bool Pool::is_contended() const {
  return std::ranges::any_of(limits_.permits, [](const io::Permits* permits) {
    return permits != nullptr && permits->has_waiters();
  });
}

Pool::Host& Pool::host_of(const Origin& origin) {
  if (hosts_.size() >= kHostsKept) {
    std::erase_if(hosts_, [](const auto& entry) {
      return entry.second.open == 0 && entry.second.users == 0;
    });
  }
  return hosts_[origin];
}

io::Task<void> Pool::wait_for_turn(Host& host) {
  Waiter waiter(loop_);
  Waiting waiting(*this, host, waiter);
  co_await waiter.turn.wait();
  waiting.take_turn();
}

std::optional<Pool::Lease> Pool::take(Host& host) {
  if (auto lease = take_shared(host)) return lease;
  return take_idle(host);
}

std::optional<Pool::Lease> Pool::take_shared(Host& host) {
  for (const auto& shared : host.shared) {
    // Whoever wants no idle connections wants them for himself.
    const size_t most = limits_.idle_time > ClientLimits::Duration::zero()
                            ? shared->session->capacity()
                            : std::min<size_t>(shared->session->capacity(), 1);
    if (shared->users >= most) continue;
    counters_.reused += 1;
    auto lease = lease_of(shared);
    lease.reused_ = true;
    return lease;
  }
  return std::nullopt;
}

Pool::Lease Pool::lease_of(const std::shared_ptr<Shared>& shared) {
  if (shared->users == 0) counters_.idle -= 1;
  shared->users += 1;
  Lease lease;
  lease.pool_ = this;
  lease.host_ = &shared->host;
  lease.shared_ = shared;
  return lease;
}

void Pool::give_back(Shared& shared) {
  shared.users -= 1;
  if (shared.is_over) return;
  if (shared.users == 0) {
    counters_.idle += 1;
    shared.idle_since = io::Clock::now();
    const bool may_stay = may_keep_idle() && shared.session->capacity() > 0;
    if (!may_stay) return shared.session->close();
    arm_sweep();
  }
  wake_next(shared.host);
}

void Pool::Shared::session_over() {
  pool.end(*this);
}

void Pool::end(Shared& shared) {
  if (shared.users == 0) counters_.idle -= 1;
  shared.is_over = true;
  auto& host = shared.host;
  std::erase_if(host.shared, [&shared](const auto& each) { return each.get() == &shared; });
  release(host);
}

std::optional<Pool::Lease> Pool::take_idle(Host& host) {
  while (!host.idle.empty()) {
    auto& newest = host.idle.back();
    if (!is_quiet(*newest.stream)) {
      remove_idle(host, host.idle.size() - 1);
      continue;
    }
    Lease lease;
    lease.pool_ = this;
    lease.host_ = &host;
    lease.stream_ = std::move(newest.stream);
    lease.reused_ = true;
    host.idle.pop_back();
    counters_.idle -= 1;
    counters_.reused += 1;
    return lease;
  }
  return std::nullopt;
}

bool Pool::has_room(Host& host) {
  if (host.open >= limits_.connections_per_origin) {
    // Its own idle ones are of no use to somebody who wants a new one.
    if (!evict_idle(host)) return false;
  }
  return counters_.open < limits_.connections || evict_idle();
}

bool Pool::evict_idle() {
  return std::ranges::any_of(hosts_, [this](auto& entry) { return evict_idle(entry.second); });
}

bool Pool::evict_idle(Host& host) {
  if (!host.idle.empty()) {
    remove_idle(host, 0);
    return true;
  }
  auto idle = std::ranges::find_if(host.shared, [](const auto& each) { return each->is_idle(); });
  if (idle == host.shared.end()) return false;
  const auto shared = *idle;
  shared->session->close();
  return true;
}

void Pool::close_shared(Host& host, io::Clock::time_point idle_since) {
  const auto all = host.shared;
  for (const auto& shared : all) {
    if (shared->is_idle() && shared->idle_since <= idle_since) shared->session->close();
  }
}

void Pool::remove_idle(Host& host, size_t index) {
  host.idle[index].stream->close();
  host.idle.erase(host.idle.begin() + static_cast<ptrdiff_t>(index));
  counters_.idle -= 1;
  release(host);
}

void Pool::release(Host& host) {
  host.open -= 1;
  counters_.open -= 1;
  if (counters_.open == 0) empty_.set();
  wake_next(host);
}

void Pool::wake_next(Host& preferred) {
  auto wake = [](Host& host) {
    auto* waiter = host.waiters.front();
    host.waiters.pop_front();
    waiter->turn.set();
  };
  if (!preferred.waiters.empty()) {
    wake(preferred);
    return;
  }
  if (counters_.waiting == 0) return;
  for (auto& [origin, host] : hosts_) {
    if (host.waiters.empty() || host.open >= limits_.connections_per_origin) continue;
    wake(host);
    return;
  }
}

void Pool::close_idle() {
  for (auto& [origin, host] : hosts_) {
    while (!host.idle.empty()) remove_idle(host, host.idle.size() - 1);
    close_shared(host, io::Clock::time_point::max());
  }
}

io::Task<void> Pool::drained() {
  closing_ = true;
  close_idle();
  co_await empty_.wait();
}

void Pool::arm_sweep() {
  if (sweep_due_) return;
  sweep_due_ = true;
  next_sweep_ = 1 - next_sweep_;
  sweeps_[next_sweep_] = loop_.deadlines().arm(limits_.sweep, [this] { sweep(); });
}

void Pool::sweep() {
  auto now = io::Clock::now();
  if (is_contended()) close_idle();
  for (auto& [origin, host] : hosts_) {
    for (size_t i = host.idle.size(); i-- > 0;) {
      const bool is_old = now - host.idle[i].since >= limits_.idle_time;
      if (is_old || !is_quiet(*host.idle[i].stream)) remove_idle(host, i);
    }
    close_shared(host, now - limits_.idle_time);
  }
  sweep_due_ = false;
  if (counters_.idle > 0) arm_sweep();
}

}  // namespace spindle::http
