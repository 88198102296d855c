#include "trigger/redis/redis_service.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/inbound_redis.h"

namespace spindle::trigger {
namespace {

// Beside those that handle messages: instances whose guests work on afterwards.
constexpr size_t kLingeringMax = 8;

Result<runtime::ReuseSettings> choose_reuse(const runtime::GuestComponent& component,
                                            const RedisEntry& entry,
                                            const app::InstanceReuse& flags) {
  const app::InstanceReuse wanted = component.reuse.or_else(flags);
  runtime::ReuseSettings chosen;
  if (wanted.max_uses) chosen.max_uses = *wanted.max_uses;
  if (wanted.max_concurrent) chosen.max_concurrent = *wanted.max_concurrent;
  if (wanted.idle) chosen.idle = *wanted.idle;
  const auto mode = component.links == nullptr ? wanted.mode : component.reuse.mode;
  chosen.mode = mode.value_or(app::InstanceMode::Fresh);
  if (component.links != nullptr && chosen.mode != app::InstanceMode::Fresh) {
    return Error::invalid_input(
        fmt::format("instances in mode \"{}\" cannot have late imports, expected \"fresh\"",
                    app::to_string(chosen.mode)));
  }
  if (chosen.mode == app::InstanceMode::Concurrent && entry.kind != RedisEntry::Kind::InboundV3) {
    return Error::invalid_input(
        fmt::format("instances in mode \"concurrent\" need a component that exports {}, expected "
                    "\"fresh\" or \"serial\"",
                    host::kInboundRedisV3Interface));
  }
  return chosen;
}

}  // namespace

Result<RedisEntry> find_redis_entry(const component::PreparedComponent& prepared) {
  const auto old =
      prepared.find_function(host::kInboundRedisInterface, host::kInboundRedisFunction);
  const auto v3 =
      prepared.find_function(host::kInboundRedisV3Interface, host::kInboundRedisFunction);
  if (old && v3) {
    return Error::invalid_input(fmt::format("the component exports {} and {}, expected one of them",
                                            host::kInboundRedisInterface,
                                            host::kInboundRedisV3Interface));
  }
  if (old) return RedisEntry{RedisEntry::Kind::Inbound, *old};
  if (v3) return RedisEntry{RedisEntry::Kind::InboundV3, *v3};
  const auto exports = prepared.export_names();
  return Error::invalid_input(
      fmt::format("the component does not hear Redis messages: it exports {}, expected {} or {}",
                  exports.empty() ? "nothing" : fmt::format("{}", fmt::join(exports, ", ")),
                  host::kInboundRedisV3Interface, host::kInboundRedisInterface));
}

Result<std::unique_ptr<RedisService>> RedisService::create(const runtime::Application& application,
                                                           RedisServiceOptions options) {
  std::unique_ptr<RedisService> service(new RedisService(application, std::move(options)));
  service->config_ = TRY(read_redis_servers(application.locked(), application.resolver()));
  for (const auto& config : service->config_) {
    Server server{.config = &config, .channels = {}, .instances_max = 0};
    for (const auto& named : config.channels) {
      Channel channel{.targets = {}, .concurrent_max = app::kConcurrentMessagesMax};
      for (const auto& id : named.components) {
        const Target* target =
            TRY(service->find_or_make(id).context(fmt::format("component `{}`", id)));
        channel.concurrent_max = std::min(channel.concurrent_max, target->concurrent_max);
        channel.targets.push_back(target);
      }
      server.instances_max =
          std::max(server.instances_max, channel.targets.size() * channel.concurrent_max);
      server.channels.push_back(std::move(channel));
    }
    server.instances_max += kLingeringMax;
    service->servers_.push_back(std::move(server));
  }
  return service;
}

Result<const RedisService::Target*> RedisService::find_or_make(const std::string& component) {
  const auto* guest = application_.find_component(component);
  VERIFY(guest != nullptr);
  for (const auto& target : targets_) {
    if (target->component == guest) return target.get();
  }
  auto target = std::make_unique<Target>();
  target->component = guest;
  target->entry = TRY(find_redis_entry(*guest->prepared));
  target->reuse = TRY(choose_reuse(*guest, target->entry, options_.reuse));
  const auto* locked = application_.locked().find_component(component);
  target->concurrent_max = locked->spindle.concurrent_messages.value_or(1);
  targets_.push_back(std::move(target));
  return targets_.back().get();
}

size_t RedisService::instances_max() const {
  size_t all = 0;
  for (const auto& server : servers_) all += server.instances_max;
  return all;
}

}  // namespace spindle::trigger
