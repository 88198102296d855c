#include "cli/serve.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "cli/deployment.h"
#include "http/server.h"
#include "io/signals.h"
#include "io/tcp.h"

namespace spindle::cli {
namespace {

// Where requests of components to their own application go.
http::Origin own_origin(io::Endpoint endpoint) {
  const bool is_any = std::ranges::all_of(endpoint.address, [](uint8_t byte) { return byte == 0; });
  if (is_any && endpoint.family == io::Endpoint::Family::V4) endpoint.address = {127, 0, 0, 1};
  if (is_any && endpoint.family == io::Endpoint::Family::V6) endpoint.address[15] = 1;
  return {.host = endpoint.address_string(), .port = endpoint.port};
}

// One thread: its loop, its server, and the application that it serves now.
class Worker {
 public:
  Worker(const Served& served, const ServeOptions& options, unsigned index)
      : options_(options),
        share_{.loop = index, .loops = options.threads},
        tasks_(loop_, [this](const Error& error) { options_.report(error.to_string()); }),
        current_(make_deployment(served)) {}

  Result<void> listen(const io::Endpoint& endpoint,
                      std::shared_ptr<http::ConnectionBudget> budget) {
    endpoint_ = endpoint;
    current_->set_origin(own_origin(endpoint));
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
    switch_.target = current_.get();
    // What is never replaced needs no count of its requests.
    http::Handler& handler = options_.replacing ? switch_ : *current_->http();
    server_ = http::Server::create(loop_, handler, std::move(server), std::move(listener));
    return {};
  }

  void start() {
    if (server_) tasks_.spawn(server_->serve());
    current_->start();
    thread_ = std::thread([this] { loop_.run(); });
  }

  // From another thread.
  void replace(const Served& next) {
    loop_.post([this, next] { switch_to(next); });
  }
  void stop() {
    loop_.post([this] { drains_.spawn(drain()); });
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  // Hands requests to the application of the moment.
  struct Switch final : http::Handler {
    io::Eventual<void> handle(http::Request& request, http::ResponseWriter& response) override {
      return target->handle(request, response);
    }
    Deployment* target = nullptr;
  };

  std::shared_ptr<Deployment> make_deployment(const Served& served) {
    return std::make_shared<Deployment>(loop_, clocks_, random_, served, share_);
  }

  void switch_to(const Served& next) {
    if (is_draining_) return;
    auto made = make_deployment(next);
    if (endpoint_) made->set_origin(own_origin(*endpoint_));
    drains_.spawn(retire(std::exchange(current_, made), made));
    switch_.target = current_.get();
  }

  // Its requests end, then it goes. The next one hears messages when this one does not any more.
  io::Task<void> retire(std::shared_ptr<Deployment> old, std::shared_ptr<Deployment> next) {
    old->drain_messages(options_.drain_time);
    auto heard = old->messages_drained();
    co_await std::move(heard);
    if (!is_draining_) next->start();
    next.reset();
    auto closing = old->close();
    co_await std::move(closing);
  }

  io::Task<void> drain() {
    is_draining_ = true;
    current_->drain_messages(options_.drain_time);
    if (server_) co_await server_->drain(options_.drain_time);
    auto closing = current_->close();
    co_await std::move(closing);
    tasks_.cancel();
    co_await tasks_.drained();
    loop_.post([this] { stop_when_drained(); });
  }

  // This is one of the drains, and those of applications before may go on.
  void stop_when_drained() {
    if (drains_.size() == 0) return loop_.stop();
    last_.spawn(wait_for_drains());
  }
  io::Task<void> wait_for_drains() {
    co_await drains_.drained();
    loop_.stop();
  }

  io::EventLoop loop_;
  wasi::SystemClocks clocks_{loop_};
  wasi::SystemRandom random_;
  const ServeOptions& options_;
  const trigger::RedisTrigger::Share share_;
  std::optional<io::Endpoint> endpoint_;
  io::TaskGroup tasks_;
  io::TaskGroup drains_{loop_};
  io::TaskGroup last_{loop_};
  bool is_draining_ = false;
  std::shared_ptr<Deployment> current_;
  Switch switch_;
  std::unique_ptr<http::Server> server_;
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

class AllWorkers final : public Replacer {
 public:
  explicit AllWorkers(std::vector<std::unique_ptr<Worker>>& workers) : workers_(workers) {}
  void replace(const Served& next) override {
    for (auto& worker : workers_) worker->replace(next);
  }

 private:
  std::vector<std::unique_ptr<Worker>>& workers_;
};

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
  AllWorkers replacer(workers);
  if (options.poll) polls.spawn(poll_forever(main_loop, options.poll));
  if (options.replacing) polls.spawn(options.replacing(main_loop, replacer));
  main_loop.block_on(wait_for_stop(signals, options.reload));
  if (options.stopping) options.stopping();
  polls.cancel();
  main_loop.block_on(polls.drained());
  for (auto& worker : workers) worker->stop();
  for (auto& worker : workers) worker->join();
  return {};
}

}  // namespace spindle::cli
