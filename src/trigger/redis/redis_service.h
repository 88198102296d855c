#pragma once

// RedisService: the Redis triggers of an application, made ready once: servers, channels, the
// components that hear them and by which export. Shared by all event loops; RedisTrigger
// (redis_trigger.h) is what listens.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/application.h"
#include "runtime/instance_pool.h"
#include "trigger/redis/redis_config.h"

namespace spindle::trigger {

// By which interface a component hears messages. Exactly one must match.
struct RedisEntry {
  enum class Kind : uint8_t {
    Inbound,    // fermyon:spin/inbound-redis
    InboundV3,  // spin:redis/inbound-redis@3
  };
  Kind kind = Kind::Inbound;
  component::LiftIndex function;
};
Result<RedisEntry> find_redis_entry(const component::PreparedComponent& prepared);

struct RedisServiceOptions {
  // Where the manifest says nothing.
  app::InstanceReuse reuse;
  // Until a guest must be done with a message. Spin waits for ever.
  std::chrono::milliseconds message_time = std::chrono::minutes(5);
  // The first wait before a lost server is tried again, and the longest.
  std::chrono::milliseconds retry_first{100};
  std::chrono::milliseconds retry_longest{10'000};
  // What goes wrong: guests that fail, servers that are lost.
  std::function<void(const std::string& text)> report;
  // What people like to know: a server is there again.
  std::function<void(const std::string& text)> note;
};

class RedisService {
 public:
  // `application` outlives the service.
  static Result<std::unique_ptr<RedisService>> create(const runtime::Application& application,
                                                      RedisServiceOptions options);

  struct Target {
    const runtime::GuestComponent* component = nullptr;
    RedisEntry entry;
    runtime::ReuseSettings reuse;
    // Messages of one connection that it takes at once.
    uint32_t concurrent_max = 1;
  };
  // A channel with what hears it.
  struct Channel {
    std::vector<const Target*> targets;
    // Of its targets the least.
    uint32_t concurrent_max = 1;
  };
  struct Server {
    const RedisServer* config = nullptr;
    // As config->channels.
    std::vector<Channel> channels;
    // Instances that may run at once.
    size_t instances_max = 0;
  };

  const runtime::Application& application() const { return application_; }
  const RedisServiceOptions& options() const { return options_; }
  const std::vector<Server>& servers() const { return servers_; }
  const std::vector<std::unique_ptr<Target>>& targets() const { return targets_; }
  // Instances of all servers that may run at once.
  size_t instances_max() const;

 private:
  RedisService(const runtime::Application& application, RedisServiceOptions options)
      : application_(application), options_(std::move(options)) {}
  Result<const Target*> find_or_make(const std::string& component);

  const runtime::Application& application_;
  RedisServiceOptions options_;
  std::vector<RedisServer> config_;
  std::vector<std::unique_ptr<Target>> targets_;
  std::vector<Server> servers_;
};

}  // namespace spindle::trigger
