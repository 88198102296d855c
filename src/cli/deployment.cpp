#include "cli/deployment.h"

namespace spindle::cli {
namespace {

host::OutboundNetwork::Common common(const runtime::Application& application) {
  return {.name_lookups = application.name_lookups(),
          .config = application.outbound(),
          .tls = application.client_tls(),
          .limits = application.connection_limits()};
}

}  // namespace

Deployment::Deployment(io::EventLoop& loop, wasi::SystemClocks& clocks, wasi::SystemRandom& random,
                       const Served& served, trigger::RedisTrigger::Share share)
    : loop_(loop),
      owner_(served.owner),
      stores_(served.application.key_value_stores()),
      network_(loop, common(served.application)),
      services_{{loop, clocks, random, &network_.services()},
                &network_.dialer(),
                &served.application.blocking_pool(),
                &network_.redis()},
      idle_(loop),
      redis_drained_(loop),
      drains_(loop) {
  if (served.http != nullptr) {
    network_.services().components = &http_.emplace(*served.http, services_);
  }
  idle_.set();
  redis_drained_.set();
  stores_.enter(loop, network_.operator_redis());
  if (served.redis != nullptr) {
    redis_.emplace(*served.redis, services_, network_.operator_dialer(), share);
  }
}

void Deployment::start() {
  if (redis_) redis_->start();
}

io::Eventual<void> Deployment::handle(http::Request& request, http::ResponseWriter& response) {
  if (!http_) return response.send({.status = 404, .headers = {}}, {});
  auto handled = http_->handle(request, response);
  if (handled.is_ready()) return handled;
  return count(handled.take_task());
}

io::Task<Result<void>> Deployment::count(io::Task<Result<void>> running) {
  struct Leave {
    Deployment& deployment;
    ~Leave() {
      if (--deployment.requests_ == 0) deployment.idle_.set();
    }
  };
  requests_ += 1;
  idle_.reset();
  // A canceled request leaves, too.
  const Leave leave{*this};
  auto outcome = co_await std::move(running);
  co_return outcome;
}

void Deployment::drain_messages(io::Clock::duration time) {
  if (!redis_) return;
  redis_drained_.reset();
  drains_.spawn(drain_redis(time));
}

// Beside the drain of HTTP, so that both end in time.
io::Task<void> Deployment::drain_redis(io::Clock::duration time) {
  auto draining = redis_->drain(time);
  co_await std::move(draining);
  redis_drained_.set();
}

io::Task<void> Deployment::close() {
  co_await idle_.wait();
  if (http_) {
    auto closing = http_->close();
    co_await std::move(closing);
  }
  co_await drains_.drained();
  stores_.leave(loop_);
  co_await network_.drained();
}

}  // namespace spindle::cli
