#pragma once

// What the Redis triggers of an application say, checked: which servers are listened to, which
// channels of each, and which components hear what.
//
//   [application.trigger.redis]
//   address = "redis://{{ host }}:6379"
//
//   [[trigger.redis]]
//   channel = "orders"            # or, instead: pattern = "orders.*", as PSUBSCRIBE reads it
//   address = "redis://other"     # instead of the application's
//   component = "cart"
//
// `pattern` is ours: Spin refuses a manifest that has it, instead of listening to a channel of that
// name. Addresses, channels and patterns are templates, resolved once. A trigger whose address is a
// template of an empty variable is off, so that a variable can turn Redis on; Spin refuses it.

#include <string>
#include <vector>

#include "app/locked_app.h"
#include "app/variables.h"
#include "base/result.h"
#include "redis/address.h"

namespace spindle::trigger {

struct RedisChannel {
  enum class Kind : uint8_t { Channel, Pattern };
  Kind kind = Kind::Channel;
  std::string name;
  // Ids, in the order of the manifest.
  std::vector<std::string> components;
};

struct RedisServer {
  redis::Address address;
  std::vector<RedisChannel> channels;

  // Null where nothing listens to it.
  const RedisChannel* find(RedisChannel::Kind kind, std::string_view name) const;
};

// One entry for each distinct address. Empty where the application has no such trigger.
Result<std::vector<RedisServer>> read_redis_servers(const app::LockedApp& app,
                                                    const app::Resolver& resolver);

}  // namespace spindle::trigger
