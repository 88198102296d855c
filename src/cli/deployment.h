#pragma once

// Deployment: one application on one event loop: its connections to elsewhere, its stores as that
// loop uses them, its triggers. Made and used on that loop. A worker has one; while `watch`
// replaces an application it has two, until the last request of the old one is over.

#include <optional>

#include "cli/serve.h"
#include "host/outbound/network.h"
#include "http/handler.h"
#include "trigger/redis/redis_trigger.h"

namespace spindle::cli {

class Deployment {
 public:
  // What it is given outlives it; `served` is held.
  Deployment(io::EventLoop& loop, wasi::SystemClocks& clocks, wasi::SystemRandom& random,
             const Served& served, trigger::RedisTrigger::Share share);

  // Where requests of its components to their own application go.
  void set_origin(http::Origin origin) { network_.services().self = std::move(origin); }
  // Null where the application has no HTTP trigger.
  http::Handler* http() { return http_ ? &*http_ : nullptr; }
  // Listens to Redis, if the application does.
  void start();

  // As http() does, but close() waits for it. 404 where there is no HTTP trigger.
  io::Eventual<void> handle(http::Request& request, http::ResponseWriter& response);

  // No more messages are taken from now on.
  void drain_messages(io::Clock::duration time);
  io::Task<void> messages_drained() { return redis_drained_.wait(); }
  // After drain_messages(), when no request comes any more: until nothing of it runs.
  io::Task<void> close();

 private:
  io::Task<Result<void>> count(io::Task<Result<void>> running);
  io::Task<void> drain_redis(io::Clock::duration time);

  io::EventLoop& loop_;
  const std::shared_ptr<const void> owner_;
  const host::KeyValueStores& stores_;
  host::OutboundNetwork network_;
  host::Services services_;
  std::optional<trigger::HttpTrigger> http_;
  std::optional<trigger::RedisTrigger> redis_;
  size_t requests_ = 0;
  io::Event idle_;
  io::Event redis_drained_;
  io::TaskGroup drains_;
};

}  // namespace spindle::cli
