#include "host/postgres/pool.h"

#include <algorithm>

#include "io/cancel.h"

namespace spindle::host::postgres {
namespace {

// False where it is of no use any more.
io::Task<Result<bool>> reset(Client& client) {
  client.send("DISCARD ALL", {});
  Step step = Step::Wait;
  while (step != Step::Done) {
    auto stepping = client.next();
    step = co_await std::move(stepping);
  }
  co_return client.outcome().has_value() && client.is_idle();
}

}  // namespace

Lease::Lease(std::shared_ptr<Pool> pool, std::unique_ptr<Client> client)
    : pool_(std::move(pool)), client_(std::move(client)) {}

Lease::~Lease() {
  if (pool_) pool_->give_back(std::move(client_));
}

// One of the places for connections, given back unless it was kept for a lease.
class Pool::Place {
 public:
  explicit Place(Pool& pool) : pool_(&pool) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (pool_ != nullptr) pool_->give_place();
  }
  void keep() { pool_ = nullptr; }

 private:
  Pool* pool_;
};

Pool::Pool(Settings settings, std::shared_ptr<ConnectionLimits> limits)
    : settings_(std::move(settings)), limits_(std::move(limits)) {
  limits_->add(*this);
}

Pool::~Pool() {
  limits_->remove(*this);
}

Result<std::shared_ptr<Pool>> Pool::create(std::string_view address, std::string_view ca_pem,
                                           std::shared_ptr<ConnectionLimits> limits) {
  Settings settings = TRY(parse_settings(address));
  const bool has_tls = settings.tls != TlsMode::Disable;
  const std::shared_ptr<Pool> pool(new Pool(std::move(settings), std::move(limits)));
  if (has_tls) pool->roots_ = TRY(TrustedRoots::create(ca_pem));
  return pool;
}

size_t Pool::idle_count() {
  const std::lock_guard lock(mutex_);
  return idle_.size();
}

io::Task<Outcome<Lease>> Pool::acquire(const Services& services) {
  const auto self = shared_from_this();
  auto waiting = take_place(services);
  co_await std::move(waiting);
  Place place(*this);
  auto idle = take_idle(services);
  auto client = co_await std::move(idle);
  if (client && *client == nullptr) {
    auto fresh = connect_in_turn(services);
    client = co_await std::move(fresh);
  }
  if (!client) co_return std::unexpected(std::move(client).error());
  place.keep();
  co_return Lease(self, *std::move(client));
}

// One that still answers; null where there is none.
io::Task<Outcome<std::unique_ptr<Client>>> Pool::take_idle(const Services& services) {
  while (true) {
    std::unique_ptr<Client> client;
    {
      const std::lock_guard lock(mutex_);
      if (idle_.empty()) co_return nullptr;
      client = std::move(idle_.back());
      idle_.pop_back();
    }
    if (!client->attach(services.loop)) continue;
    auto resetting = io::with_deadline(services.loop, std::chrono::seconds(kConnectSeconds),
                                       "resetting a connection", reset(*client));
    auto is_usable = co_await std::move(resetting);
    if (is_usable && *is_usable) co_return std::move(client);
  }
}

io::Task<Outcome<std::unique_ptr<Client>>> Pool::connect_in_turn(const Services& services) {
  auto waiting = limits_->take(ConnectionKind::Postgres, services.loop);
  auto permit = co_await std::move(waiting);
  if (!permit) co_return std::unexpected(connection_failed(permit.error().to_string()));
  auto connecting = connect(services);
  auto client = co_await std::move(connecting);
  if (client) (*client)->hold(permit.take_value());
  co_return client;
}

io::Task<Outcome<std::unique_ptr<Client>>> Pool::connect_aside(const Services& services) {
  auto permit = limits_->try_take(ConnectionKind::Postgres);
  if (!permit) co_return std::unexpected(connection_failed("too many connections are open"));
  auto connecting = connect(services);
  auto client = co_await std::move(connecting);
  if (client) (*client)->hold(std::move(*permit));
  co_return client;
}

io::Task<Outcome<std::unique_ptr<Client>>> Pool::connect(const Services& services) {
  const auto self = shared_from_this();
  Failure last = connection_failed("no address to connect to");
  for (const auto& host : settings_.hosts) {
    auto resolving = services.dialer->resolve(host.host, host.port);
    auto endpoints = co_await std::move(resolving);
    if (!endpoints) {
      last = connection_failed(endpoints.error().to_string());
      continue;
    }
    for (const auto& endpoint : *endpoints) {
      const Target target{host.host, endpoint, &settings_, roots_.get()};
      auto connecting = Client::connect(services.loop, target, *services.pool);
      auto client = co_await std::move(connecting);
      if (client) co_return std::move(client);
      last = std::move(client).error();
    }
  }
  co_return std::unexpected(std::move(last));
}

io::Task<void> Pool::take_place(const Services& services) {
  std::shared_ptr<Waiter> waiter;
  {
    const std::lock_guard lock(mutex_);
    if (taken_ < kConnectionsPerPool) {
      ++taken_;
      co_return;
    }
    waiter = std::make_shared<Waiter>(services.loop);
    waiters_.push_back(waiter);
  }
  struct Leaving {
    Pool& pool;
    std::shared_ptr<Waiter> waiter;
    ~Leaving() {
      if (waiter) pool.leave(waiter);
    }
  } leaving{*this, waiter};
  auto granted = waiter->granted.wait();
  co_await std::move(granted);
  leaving.waiter.reset();
}

// Canceled while it waited, or just after its turn came.
void Pool::leave(const std::shared_ptr<Waiter>& waiter) {
  const std::lock_guard lock(mutex_);
  if (waiter->is_granted) {
    pass_place_on();
  } else {
    std::erase(waiters_, waiter);
  }
}

void Pool::pass_place_on() {
  if (waiters_.empty()) {
    --taken_;
    return;
  }
  auto next = std::move(waiters_.front());
  waiters_.pop_front();
  next->is_granted = true;
  io::EventLoop& loop = next->loop;
  loop.post([next = std::move(next)] { next->granted.set(); });
}

void Pool::give_place() {
  const std::lock_guard lock(mutex_);
  pass_place_on();
}

void Pool::give_back(std::unique_ptr<Client> client) {
  client->detach();
  // Before the lock is taken: a permit that comes back may wake others.
  if (!client->is_idle() || limits_->is_contended(ConnectionKind::Postgres)) client.reset();
  const std::lock_guard lock(mutex_);
  if (client) idle_.push_back(std::move(client));
  pass_place_on();
}

void Pool::let_go() {
  std::vector<std::unique_ptr<Client>> closed;
  const std::lock_guard lock(mutex_);
  closed.swap(idle_);
}

Result<std::shared_ptr<Pool>> Pools::find_or_create(std::string_view address,
                                                    std::string_view ca_pem) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.address == address && entry.ca_pem == ca_pem;
  });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
    return found->pool;
  }
  auto pool = TRY(Pool::create(address, ca_pem, limits_));
  entries_.push_front({std::string(address), std::string(ca_pem), pool});
  if (entries_.size() > kPoolsPerComponent) entries_.pop_back();
  return pool;
}

}  // namespace spindle::host::postgres
