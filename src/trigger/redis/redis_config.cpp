#include "trigger/redis/redis_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "app/value.h"

namespace spindle::trigger {
namespace {

constexpr std::string_view kExpectedKeys = "component, channel, pattern or address";

Result<std::string> resolve(const app::Resolver& resolver, const std::string& text) {
  auto resolved = resolver.resolve_template(text);
  if (!resolved) return Error::unavailable(resolved.error().message);
  return *std::move(resolved);
}

Result<std::string> read_default_address(const app::LockedApp& app) {
  const auto* settings = app.settings_of("redis");
  if (settings == nullptr) return std::string();
  for (const auto& entry : *settings) {
    if (entry.key != "address" || entry.value.as_string() == nullptr) {
      return Error::invalid_input(fmt::format(
          "[application.trigger.redis] has `{}`, expected only address, a text", entry.key));
    }
  }
  const auto* address = settings->find("address");
  if (address == nullptr) {
    return Error::invalid_input("[application.trigger.redis] has no address");
  }
  return *address->as_string();
}

struct TriggerConfig {
  std::optional<std::string> channel;
  std::optional<std::string> pattern;
  std::optional<std::string> address;
};

Result<TriggerConfig> read_config(const app::LockedTrigger& trigger) {
  TriggerConfig config;
  for (const auto& [key, value, at] : *trigger.config.as_table()) {
    if (key == "component") continue;
    auto* wanted = key == "channel"   ? &config.channel
                   : key == "pattern" ? &config.pattern
                   : key == "address" ? &config.address
                                      : nullptr;
    if (wanted == nullptr) {
      return Error::invalid_input(
          fmt::format("has the unknown key `{}`, expected {}", key, kExpectedKeys));
    }
    if (value.as_string() == nullptr) {
      return Error::invalid_input(fmt::format("`{}` is not a text", key));
    }
    *wanted = *value.as_string();
  }
  if (trigger.component.empty()) return Error::invalid_input("names no component");
  if (config.channel.has_value() == config.pattern.has_value()) {
    return Error::invalid_input("needs either a channel or a pattern");
  }
  return config;
}

class Collector {
 public:
  Collector(const app::Resolver& resolver, std::string default_address)
      : resolver_(resolver), default_address_(std::move(default_address)) {}

  Result<void> add(const app::LockedTrigger& trigger) {
    const auto config = TRY(read_config(trigger));
    const std::string text = config.address.value_or(default_address_);
    const auto url = TRY(resolve(resolver_, text));
    if (url.empty() && !text.empty()) return {};
    auto address = TRY(redis::parse_address(url));
    // Channels are the same in all databases of a server.
    address.login.database = 0;
    const auto kind = config.channel ? RedisChannel::Kind::Channel : RedisChannel::Kind::Pattern;
    auto name = TRY(resolve(resolver_, config.channel ? *config.channel : *config.pattern));
    auto& channel = find_or_add(find_or_add(std::move(address)), kind, std::move(name));
    if (std::ranges::find(channel.components, trigger.component) == channel.components.end()) {
      channel.components.push_back(trigger.component);
    }
    return {};
  }
  std::vector<RedisServer> take() && { return std::move(servers_); }

 private:
  RedisServer& find_or_add(redis::Address address) {
    const auto found = std::ranges::find(servers_, address, &RedisServer::address);
    if (found != servers_.end()) return *found;
    return servers_.emplace_back(RedisServer{.address = std::move(address), .channels = {}});
  }
  static RedisChannel& find_or_add(RedisServer& server, RedisChannel::Kind kind, std::string name) {
    const auto found = std::ranges::find_if(server.channels, [&](const RedisChannel& channel) {
      return channel.kind == kind && channel.name == name;
    });
    if (found != server.channels.end()) return *found;
    return server.channels.emplace_back(
        RedisChannel{.kind = kind, .name = std::move(name), .components = {}});
  }

  const app::Resolver& resolver_;
  std::string default_address_;
  std::vector<RedisServer> servers_;
};

}  // namespace

const RedisChannel* RedisServer::find(RedisChannel::Kind kind, std::string_view name) const {
  const auto found = std::ranges::find_if(channels, [&](const RedisChannel& channel) {
    return channel.kind == kind && channel.name == name;
  });
  return found == channels.end() ? nullptr : &*found;
}

Result<std::vector<RedisServer>> read_redis_servers(const app::LockedApp& app,
                                                    const app::Resolver& resolver) {
  auto default_address = TRY(read_default_address(app));
  Collector collector(resolver, std::move(default_address));
  for (const auto& trigger : app.triggers) {
    if (trigger.type != "redis") continue;
    TRY(collector.add(trigger).context(fmt::format("trigger `{}`", trigger.id)));
  }
  return std::move(collector).take();
}

}  // namespace spindle::trigger
