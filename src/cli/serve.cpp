#include "cli/serve.h"

#include <fmt/format.h>

#include <memory>
#include <thread>
#include <vector>

#include "http/server.h"
#include "io/signals.h"
#include "io/tcp.h"

namespace spindle::cli {
namespace {

// One thread: its loop, and everything that lives on it.
class Worker {
 public:
  Worker(const trigger::HttpService& service, const ServeOptions& options)
      : services_{loop_, clocks_, random_},
        trigger_(service, services_),
        options_(options),
        tasks_(loop_, [this](const Error& error) { options_.report(error.to_string()); }) {}

  Result<io::Endpoint> listen(const io::Endpoint& endpoint, io::TcpListener::Sharing sharing,
                              std::shared_ptr<http::ConnectionBudget> budget) {
    auto listener = TRY(http::listen(loop_, endpoint, sharing));
    http::ServerOptions server;
    server.limits = options_.limits;
    server.budget = std::move(budget);
    server.report_error = [this](const Error& error) {
      if (error.kind() != ErrorKind::Canceled) options_.report(error.to_string());
    };
    server_ = http::Server::create(loop_, trigger_, std::move(server), std::move(listener));
    return server_->endpoint();
  }

  void start() {
    tasks_.spawn(server_->serve());
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
    co_await server_->drain(options_.drain_time);
    tasks_.cancel();
    co_await tasks_.drained();
    loop_.stop();
  }

  io::EventLoop loop_;
  wasi::SystemClocks clocks_{loop_};
  wasi::SystemRandom random_;
  wasi::Services services_;
  trigger::HttpTrigger trigger_;
  const ServeOptions& options_;
  std::unique_ptr<http::Server> server_;
  io::TaskGroup tasks_;
  io::TaskGroup drains_{loop_};
  std::thread thread_;
};

Result<io::Endpoint> bind_first(Worker& worker, io::Endpoint endpoint, const ServeOptions& options,
                                io::TcpListener::Sharing sharing,
                                const std::shared_ptr<http::ConnectionBudget>& budget) {
  for (unsigned tried = 1;; ++tried) {
    auto bound = worker.listen(endpoint, sharing, budget);
    if (bound || tried >= options.ports || endpoint.port == UINT16_MAX) return bound;
    endpoint.port += 1;
  }
}

io::Task<void> wait_for_stop(io::StopSignals& signals) {
  (void)co_await signals.wait();
}

}  // namespace

Result<void> serve(const trigger::HttpService& service, const ServeOptions& options,
                   const std::function<void(const std::string& address)>& ready) {
  // Before any thread exists, so that the signals come to this loop alone.
  io::EventLoop main_loop;
  io::StopSignals signals(main_loop);
  auto endpoint = TRY(io::resolve_endpoint(options.listen)
                          .context(fmt::format("listening on `{}`", options.listen)));
  auto budget = std::make_shared<http::ConnectionBudget>();
  auto sharing = io::TcpListener::Sharing::Shared;
  // The first worker binds alone, so that a port in use by others is noticed.
  if (options.threads == 1) sharing = io::TcpListener::Sharing::Exclusive;
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned index = 0; index < options.threads; ++index) {
    auto& worker = *workers.emplace_back(std::make_unique<Worker>(service, options));
    if (index == 0) {
      endpoint = TRY(bind_first(worker, endpoint, options, sharing, budget));
    } else {
      TRY(worker.listen(endpoint, sharing, budget));
    }
  }
  for (auto& worker : workers) worker->start();
  ready(endpoint.to_string());
  main_loop.block_on(wait_for_stop(signals));
  for (auto& worker : workers) worker->stop();
  for (auto& worker : workers) worker->join();
  return {};
}

}  // namespace spindle::cli
