#include "redis/connections.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "io/cancel.h"
#include "io/tls.h"

namespace spindle::redis {
namespace {

using Stream = std::unique_ptr<io::ByteStream>;

// Immutable, and slow to make: the roots that the system trusts are read from its files.
Result<std::shared_ptr<const io::TlsContext>> tls_context() {
  static const auto kContext = io::TlsContext::for_client({});
  return kContext;
}

io::Task<Result<Stream>> secure(io::EventLoop& loop, Stream stream, const Address& address) {
  const auto context = CO_TRY(tls_context());
  auto securing = io::tls_connect(loop, std::move(stream), context, address.host);
  Stream secured = CO_TRY(co_await std::move(securing));
  co_return secured;
}

io::Task<Result<Stream>> dial(io::EventLoop& loop, io::Dialer& dialer, const Address& address) {
  auto connecting = dialer.connect(address.host, address.port);
  auto stream = co_await std::move(connecting);
  if (stream && address.transport == Transport::Tls) {
    auto securing = secure(loop, stream.take_value(), address);
    stream = co_await std::move(securing);
  }
  co_return std::move(stream).context(
      fmt::format("connecting to the Redis server at {}", address.authority()));
}

io::Task<Result<std::unique_ptr<Connection>>> open(io::EventLoop& loop, io::Dialer& dialer,
                                                   Address address) {
  auto dialing = dial(loop, dialer, address);
  auto stream = CO_TRY(co_await std::move(dialing));
  auto opening = Connection::open(loop, std::move(stream), address.login);
  auto connection = co_await std::move(opening);
  co_return connection;
}

io::Task<Result<std::unique_ptr<Subscriber>>> open_subscriber(io::EventLoop& loop,
                                                              io::Dialer& dialer, Address address,
                                                              Subscriptions subscriptions) {
  auto dialing = dial(loop, dialer, address);
  auto stream = CO_TRY(co_await std::move(dialing));
  auto opening = Subscriber::open(loop, std::move(stream), address.login, std::move(subscriptions));
  auto subscriber = co_await std::move(opening);
  co_return subscriber;
}

std::string connecting_to(const Address& address) {
  return fmt::format("connecting to the Redis server at {}", address.authority());
}

}  // namespace

io::Task<Result<std::unique_ptr<Connection>>> connect(io::EventLoop& loop, io::Dialer& dialer,
                                                      Address address) {
  auto what = connecting_to(address);
  return io::with_deadline<std::unique_ptr<Connection>>(loop, kConnectTime, std::move(what),
                                                        open(loop, dialer, std::move(address)));
}

io::Task<Result<std::unique_ptr<Subscriber>>> subscribe(io::EventLoop& loop, io::Dialer& dialer,
                                                        Address address,
                                                        Subscriptions subscriptions) {
  auto what = connecting_to(address);
  return io::with_deadline<std::unique_ptr<Subscriber>>(
      loop, kConnectTime, std::move(what),
      open_subscriber(loop, dialer, std::move(address), std::move(subscriptions)));
}

// Idle connections; the one used last is at the front of its list.
struct Connections::Kept {
  Kept(io::EventLoop& loop_of, Limits limits_of) : loop(loop_of), limits(limits_of) {}

  void add(const Address& address, std::unique_ptr<Connection> connection) {
    auto& list = servers[address];
    if (list.size() >= limits.idle_of_server_max || count >= limits.idle_max) {
      if (list.empty()) servers.erase(address);
      return;
    }
    list.push_front({.connection = std::move(connection), .until = {}});
    ++count;
    const auto entry = list.begin();
    entry->until = loop.deadlines().arm(limits.idle_time, [this, address, entry] {
      // The deadline that calls this must not be destroyed by it.
      auto until = std::make_shared<io::Deadlines::Armed>(std::move(entry->until));
      loop.post([until] {});
      remove(address, entry);
    });
  }

  std::unique_ptr<Connection> take(const Address& address) {
    while (true) {
      auto found = servers.find(address);
      if (found == servers.end()) return nullptr;
      auto connection = remove(address, found->second.begin());
      if (connection->is_quiet()) return connection;
    }
  }

  std::unique_ptr<Connection> remove(const Address& address, std::list<Idle>::iterator entry) {
    const auto list = servers.find(address);
    auto connection = std::move(entry->connection);
    list->second.erase(entry);
    --count;
    if (list->second.empty()) servers.erase(list);
    return connection;
  }

  io::EventLoop& loop;
  Limits limits;
  std::map<Address, std::list<Idle>> servers;
  size_t count = 0;
};

Connections::Connections(io::EventLoop& loop, io::Dialer& dialer, Limits limits)
    : loop_(loop), dialer_(&dialer), kept_(std::make_shared<Kept>(loop, limits)) {}

Connections::Connections(io::EventLoop& loop, LocalServers servers)
    : loop_(loop),
      local_servers_(std::move(servers)),
      kept_(std::make_shared<Kept>(loop, Limits())) {}

Connections::~Connections() = default;

void Connections::close() {
  kept_->servers.clear();
  kept_->count = 0;
  kept_->limits.idle_max = 0;
  shared_.clear();
}

io::Task<Result<std::unique_ptr<Connection>>> Connections::open(Address address) {
  if (dialer_ != nullptr) return connect(loop_, *dialer_, std::move(address));
  return Connection::open(loop_, local_servers_(address), address.login);
}

size_t Connections::idle() const {
  return kept_->count;
}

io::Task<Result<Connections::Lease>> Connections::acquire(Address address) {
  auto connection = kept_->take(address);
  if (connection == nullptr) {
    const std::weak_ptr<Kept> kept = kept_;
    auto connecting = open(address);
    connection = CO_TRY(co_await std::move(connecting));
    co_return Lease(kept, std::move(address), std::move(connection));
  }
  co_return Lease(kept_, std::move(address), std::move(connection));
}

io::Task<Result<std::shared_ptr<Connection>>> Connections::shared(Address address) {
  auto& place = shared_[address];
  if (place == nullptr) place = std::make_shared<Shared>(loop_);
  const std::shared_ptr<Shared> server = place;
  while (true) {
    auto& known = server->connection;
    // One that nobody waits for may have been closed meanwhile.
    if (known && known->is_healthy() && (known->waiting() > 0 || known->is_quiet())) {
      co_return known;
    }
    if (!server->is_opening) break;
    auto opened = server->opened.wait();
    co_await std::move(opened);
    if (server->failure) co_return *server->failure;
  }
  server->is_opening = true;
  server->failure.reset();
  server->opened.reset();
  // However this ends, those who wait look again.
  struct Settle {
    Shared& server;
    ~Settle() {
      server.is_opening = false;
      server.opened.set();
    }
  } settle{*server};
  server->connection.reset();
  auto connecting = open(std::move(address));
  auto connection = co_await std::move(connecting);
  if (!connection) {
    server->failure = connection.error();
    co_return connection.take_error();
  }
  server->connection = connection.take_value();
  co_return server->connection;
}

Connections::Lease& Connections::Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  release();
  kept_ = std::move(other.kept_);
  address_ = std::move(other.address_);
  connection_ = std::move(other.connection_);
  return *this;
}

Connections::Lease::~Lease() {
  release();
}

void Connections::Lease::release() {
  if (connection_ == nullptr) return;
  auto connection = std::move(connection_);
  const auto kept = kept_.lock();
  if (kept == nullptr || !connection->is_healthy() || connection->waiting() > 0) return;
  kept->add(address_, std::move(connection));
}

}  // namespace spindle::redis
