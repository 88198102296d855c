#pragma once

// RedisTrigger: listens to Redis servers on one event loop and calls a guest for each message.
//
// Messages of one server are taken in the order in which they arrive. A message waits until what
// runs leaves it room: a component that does not say otherwise (`concurrent_messages`) has the
// connection to itself, as in Spin; all components of a channel get the message at the same time.
// What has no room is not read from the socket.
//
// A server that is lost is tried again, after waits that grow, and all subscriptions are made anew;
// what was published meanwhile is lost, as it is with publish/subscribe. So is what a guest
// refuses, or fails at.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/services.h"
#include "io/cancel.h"
#include "io/event_loop.h"
#include "redis/subscriber.h"
#include "runtime/instance_pool.h"
#include "trigger/redis/redis_service.h"

namespace spindle::trigger {

class RedisTrigger {
 public:
  // Listens to those of the service's servers whose index modulo `loops` is `loop`. What it is
  // given outlives it.
  struct Share {
    size_t loop = 0;
    size_t loops = 1;
  };
  RedisTrigger(const RedisService& service, const host::Services& services, io::Dialer& dialer,
               Share share);
  ~RedisTrigger();
  RedisTrigger(const RedisTrigger&) = delete;
  RedisTrigger& operator=(const RedisTrigger&) = delete;

  void start();
  // No more messages are read; those that have arrived are handled, but for no longer than `time`.
  io::Task<void> drain(io::Clock::duration time);

 private:
  class Listener;

  const RedisService& service_;
  const host::Services& services_;
  io::Dialer& dialer_;
  std::unique_ptr<runtime::InstancePools> instances_;
  std::map<const RedisService::Target*, runtime::InstancePool*> pools_;
  io::TaskGroup tasks_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace spindle::trigger
