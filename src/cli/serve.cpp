#include "cli/serve.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "host/outbound/network.h"
#include "http/server.h"
#include "io/signals.h"
#include "io/tcp.h"
#include "trigger/redis/redis_trigger.h"

namespace spindle::cli {
namespace {

// Where requests of components to their own application go.
http::Origin own_origin(io::Endpoint endpoint) {
  const bool is_any = std::ranges::all_of(endpoint.address, [](uint8_t byte) { return byte == 0; });
  if (is_any && endpoint.family == io::Endpoint::Family::V4) endpoint.address = {127, 0, 0, 1};
  if (is_any && endpoint.family == io::Endpoint::Family::V6) endpoint.address[15] = 1;
  return {.host = endpoint.address_string(), .port = endpoint.port};
}

// One thread: its loop, and everything that lives on it.
class Worker {
 public:
  Worker(const Served& served, const ServeOptions& options, unsigned index)
      : stores_(served.application.key_value_stores()),
        network_(loop_, common(served.application)),
        services_{{loop_, clocks_, random_, &network_.services()},
                  &network_.dialer(),
                  &served.application.blocking_pool(),
                  &network_.redis()},
        options_(options),
        tasks_(loop_, [this](const Error& error) { options_.report(error.to_string()); }) {
    if (served.http != nullptr) {
      network_.services().components = &http_.emplace(*served.http, services_);
    }
    redis_drained_.set();
    served.application.key_value_stores().enter(loop_, network_.operator_redis());
    if (served.redis != nullptr) {
      const trigger::RedisTrigger::Share share{.loop = index, .loops = options.threads};
      redis_.emplace(*served.redis, services_, network_.operator_dialer(), share);
    }
  }

  Result<void> listen(const io::Endpoint& endpoint,
                      std::shared_ptr<http::ConnectionBudget> budget) {
    network_.services().self = own_origin(endpoint);
    auto listener = TRY(http::listen(loop_, endpoint, io::TcpListener::Sharing::Shared));
    http::ServerOptions server;
    server.limits = options_.limits;
    server.tls = options_.tls;
    if (server.tls) server.scheme = http::Scheme::Https;
    server.budget = std::move(budget);
    server.report_error = [this](const Error& error) {
      // Clients that leave are not worth a line.
      if (error.kind() == ErrorKind::Canceled || error.kind() == ErrorKind::Unavailable) return;
      options_.report(error.to_string());
    };
    server_ = http::Server::create(loop_, *http_, std::move(server), std::move(listener));
    return {};
  }

  void start() {
    if (server_) tasks_.spawn(server_->serve());
    if (redis_) redis_->start();
    thread_ = std::thread([this] { loop_.run(); });
  }

  void stop() {
    loop_.post([this] { drains_.spawn(drain()); });
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  io::Task<void> drain() {
    if (redis_) drains_.spawn(drain_redis());
    if (server_) co_await server_->drain(options_.drain_time);
    if (http_) {
      auto closing = http_->close();
      co_await std::move(closing);
    }
    co_await redis_drained_.wait();
    tasks_.cancel();
    co_await tasks_.drained();
    stores_.leave(loop_);
    co_await network_.drained();
    loop_.stop();
  }

  static host::OutboundNetwork::Common common(const runtime::Application& application) {
    return {.name_lookups = application.name_lookups(),
            .config = application.outbound(),
            .tls = application.client_tls(),
            .limits = application.connection_limits()};
  }

  // Beside the drain of HTTP, so that both end in time.
  io::Task<void> drain_redis() {
    redis_drained_.reset();
    auto draining = redis_->drain(options_.drain_time);
    co_await std::move(draining);
    redis_drained_.set();
  }

  const host::KeyValueStores& stores_;
  io::EventLoop loop_;
  wasi::SystemClocks clocks_{loop_};
  wasi::SystemRandom random_;
  host::OutboundNetwork network_;
  host::Services services_;
  std::optional<trigger::HttpTrigger> http_;
  std::optional<trigger::RedisTrigger> redis_;
  const ServeOptions& options_;
  std::unique_ptr<http::Server> server_;
  io::TaskGroup tasks_;
  io::TaskGroup drains_{loop_};
  io::Event redis_drained_{loop_};
  std::thread thread_;
};

// The address to share: one that nobody else listens on. Sockets that share a port do not notice
// others that share it too, so it is first bound alone.
Result<io::Endpoint> claim(io::Endpoint endpoint, const ServeOptions& options) {
  io::EventLoop loop;
  for (unsigned tried = 1;; ++tried) {
    auto free = io::find_free_endpoint(loop, endpoint);
    if (free) return free;
    const Error& error = free.error();
    if (tried == 1 && options.ports == 1 && error.message().ends_with("in use")) {
      return Error(error.kind(),
                   error.message() + "; use --find-free-port to take the next free port");
    }
    if (tried >= options.ports || endpoint.port == UINT16_MAX) return free.take_error();
    endpoint.port += 1;
  }
}

io::Task<void> wait_for_stop(io::StopSignals& signals, const std::function<void()>& reload) {
  const bool had_terminal = isatty(STDIN_FILENO) != 0;
  while (true) {
    const int number = co_await signals.wait();
    const bool lost_terminal = had_terminal && isatty(STDIN_FILENO) == 0;
    if (number != SIGHUP || lost_terminal) co_return;
    reload();
  }
}

io::Task<void> poll_forever(io::EventLoop& loop, const std::function<void()>& poll) {
  while (true) {
    co_await io::sleep_for(loop, kPollInterval);
    poll();
  }
}

}  // namespace

Result<void> serve(const Served& served, const ServeOptions& options,
                   const std::function<void(const std::string& address)>& ready) {
  // Before any thread exists, so that the signals come to this loop alone.
  io::EventLoop main_loop;
  io::StopSignals signals(main_loop, options.reload ? io::StopSignals::Reload::Watched
                                                    : io::StopSignals::Reload::Unwatched);
  std::optional<io::Endpoint> endpoint;
  if (served.http != nullptr) {
    endpoint = TRY(io::resolve_endpoint(options.listen)
                       .context(fmt::format("listening on `{}`", options.listen)));
    endpoint = TRY(claim(*endpoint, options));
  }
  auto budget = std::make_shared<http::ConnectionBudget>();
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned index = 0; index < options.threads; ++index) {
    workers.push_back(std::make_unique<Worker>(served, options, index));
    if (endpoint) TRY(workers.back()->listen(*endpoint, budget));
  }
  for (auto& worker : workers) worker->start();
  ready(endpoint ? endpoint->to_string() : std::string());
  io::TaskGroup polls(main_loop);
  if (options.poll) polls.spawn(poll_forever(main_loop, options.poll));
  main_loop.block_on(wait_for_stop(signals, options.reload));
  polls.cancel();
  main_loop.block_on(polls.drained());
  for (auto& worker : workers) worker->stop();
  for (auto& worker : workers) worker->join();
  return {};
}

}  // namespace spindle::cli
