#include "trigger/redis/redis_trigger.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "trigger/redis/message_run.h"
#include "wasi/core/random.h"

namespace spindle::trigger {
namespace {

// A message waits for an instance as long as it takes; it is not read before it has room.
constexpr auto kInstanceWait = std::chrono::hours(24);

runtime::InstancePools::Options pool_options(const RedisService& service,
                                             RedisTrigger::Share share) {
  runtime::InstancePools::Options options;
  options.instances_max = 0;
  for (size_t i = share.loop; i < service.servers().size(); i += share.loops) {
    options.instances_max += service.servers()[i].instances_max;
  }
  options.waiting_max = options.instances_max;
  options.wait_max = kInstanceWait;
  return options;
}

redis::Subscriptions subscriptions_of(const RedisServer& server) {
  redis::Subscriptions subscriptions;
  for (const auto& channel : server.channels) {
    auto& names = channel.kind == RedisChannel::Kind::Channel ? subscriptions.channels
                                                              : subscriptions.patterns;
    names.push_back(channel.name);
  }
  return subscriptions;
}

io::Task<Result<void>> pause(io::EventLoop& loop, io::Clock::duration time) {
  auto sleeping = io::sleep_for(loop, time);
  co_await std::move(sleeping);
  co_return Result<void>();
}

}  // namespace

// One server.
class RedisTrigger::Listener {
 public:
  Listener(RedisTrigger& owner, const RedisService::Server& server)
      : owner_(owner),
        server_(server),
        stop_(owner.services_.loop),
        room_(owner.services_.loop),
        idle_(owner.services_.loop) {
    idle_.set();
  }

  // Until stop(), and until everything that was heard is handled.
  io::Task<void> listen();
  void stop() {
    stop_.cancel(Error::canceled("the trigger stops"));
    if (subscriber_) subscriber_->close();
  }

 private:
  using Message = std::shared_ptr<const redis::Message>;
  using Channel = RedisService::Channel;

  io::Task<Error> hear();
  io::Task<void> wait_for_room(const Channel& channel);
  io::Task<void> run(const RedisService::Target& target, Message message,
                     std::shared_ptr<size_t> left);
  const Channel* find(const redis::Message& message) const;
  bool has_room(const Channel& channel) const;
  void begin(const Channel& channel);
  void end(bool is_alone);
  // How long to wait before the server is tried again.
  std::chrono::milliseconds next_pause();

  RedisTrigger& owner_;
  const RedisService::Server& server_;
  io::CancelSource stop_;
  std::unique_ptr<redis::Subscriber> subscriber_;
  // Messages that are being handled; whether one of them wants to be alone.
  size_t running_ = 0;
  bool is_alone_ = false;
  io::Event room_;
  io::Event idle_;
  unsigned failures_ = 0;
};

const RedisService::Channel* RedisTrigger::Listener::find(const redis::Message& message) const {
  const auto kind =
      message.pattern.empty() ? RedisChannel::Kind::Channel : RedisChannel::Kind::Pattern;
  const auto& name = message.pattern.empty() ? message.channel : message.pattern;
  const RedisChannel* found = server_.config->find(kind, name);
  if (found == nullptr) return nullptr;
  return &server_.channels[static_cast<size_t>(found - server_.config->channels.data())];
}

bool RedisTrigger::Listener::has_room(const Channel& channel) const {
  if (running_ == 0) return true;
  return !is_alone_ && running_ < channel.concurrent_max;
}

void RedisTrigger::Listener::begin(const Channel& channel) {
  ++running_;
  is_alone_ = channel.concurrent_max == 1;
  idle_.reset();
}

void RedisTrigger::Listener::end(bool is_alone) {
  --running_;
  if (is_alone) is_alone_ = false;
  room_.set();
  if (running_ == 0) idle_.set();
}

io::Task<void> RedisTrigger::Listener::wait_for_room(const Channel& channel) {
  while (!has_room(channel)) {
    room_.reset();
    auto waiting = room_.wait();
    co_await std::move(waiting);
  }
}

io::Task<void> RedisTrigger::Listener::run(const RedisService::Target& target, Message message,
                                           std::shared_ptr<size_t> left) {
  runtime::InstancePool& pool = *owner_.pools_.at(&target);
  auto acquiring = owner_.instances_->acquire(pool);
  auto lease = co_await std::move(acquiring);
  if (lease) {
    MessageRun call(owner_.service_, owner_.services_, target, message->channel,
                    lease.take_value());
    auto running = call.run(
        {reinterpret_cast<const uint8_t*>(message->payload.data()), message->payload.size()});
    co_await std::move(running);
  } else if (owner_.service_.options().report) {
    owner_.service_.options().report(fmt::format("component `{}`, channel {}: {}",
                                                 target.component->id, message->channel,
                                                 lease.error().to_string()));
  }
  const bool is_last = --*left == 0;
  if (is_last) end(find(*message)->concurrent_max == 1);
}

io::Task<Error> RedisTrigger::Listener::hear() {
  while (true) {
    auto next = subscriber_->next();
    auto heard = co_await std::move(next);
    if (!heard) co_return heard.take_error();
    const auto message = std::make_shared<const redis::Message>(heard.take_value());
    const Channel* channel = find(*message);
    if (channel == nullptr) continue;
    auto waiting = wait_for_room(*channel);
    co_await std::move(waiting);
    begin(*channel);
    const auto left = std::make_shared<size_t>(channel->targets.size());
    for (const auto* target : channel->targets) owner_.tasks_.spawn(run(*target, message, left));
  }
}

std::chrono::milliseconds RedisTrigger::Listener::next_pause() {
  const auto& options = owner_.service_.options();
  constexpr unsigned kDoublingsMax = 16;
  auto pause = options.retry_first * (1U << std::min(failures_, kDoublingsMax));
  pause = std::min(pause, options.retry_longest);
  ++failures_;
  // So that not everybody comes at once to a server that has started again.
  const auto drawn = wasi::random_u64(owner_.services_.random);
  const auto quarter = static_cast<uint64_t>(pause.count()) / 4 + 1;
  return pause + std::chrono::milliseconds(drawn ? *drawn % quarter : 0);
}

io::Task<void> RedisTrigger::Listener::listen() {
  const auto& options = owner_.service_.options();
  const auto name = server_.config->address.authority();
  io::EventLoop& loop = owner_.services_.loop;
  while (!stop_.is_canceled()) {
    auto subscribing = stop_.run<std::unique_ptr<redis::Subscriber>>(redis::subscribe(
        loop, owner_.dialer_, server_.config->address, subscriptions_of(*server_.config)));
    auto subscribed = co_await std::move(subscribing);
    std::optional<Error> failure;
    if (subscribed) {
      if (failures_ > 0 && options.note) {
        options.note(fmt::format("listening again to Redis at {}", name));
      }
      failures_ = 0;
      subscriber_ = subscribed.take_value();
      auto hearing = hear();
      failure = co_await std::move(hearing);
      subscriber_.reset();
    } else {
      failure = subscribed.take_error();
    }
    if (stop_.is_canceled()) break;
    const auto time = next_pause();
    if (options.report) {
      options.report(fmt::format("listening to Redis at {}: {}; trying again in {} ms", name,
                                 failure->to_string(), time.count()));
    }
    auto pausing = stop_.run<void>(pause(loop, time));
    (void)co_await std::move(pausing);
  }
  auto rest = idle_.wait();
  co_await std::move(rest);
}

RedisTrigger::RedisTrigger(const RedisService& service, const host::Services& services,
                           io::Dialer& dialer, Share share)
    : service_(service),
      services_(services),
      dialer_(dialer),
      instances_(std::make_unique<runtime::InstancePools>(services.loop, services.random,
                                                          pool_options(service, share))),
      tasks_(services.loop, [&service](const Error& error) {
        if (service.options().report) service.options().report(error.to_string());
      }) {
  for (const auto& target : service.targets()) {
    pools_.emplace(target.get(), &instances_->add(target->reuse));
  }
  for (size_t i = share.loop; i < service.servers().size(); i += share.loops) {
    listeners_.push_back(std::make_unique<Listener>(*this, service.servers()[i]));
  }
}

RedisTrigger::~RedisTrigger() = default;

void RedisTrigger::start() {
  for (auto& listener : listeners_) tasks_.spawn(listener->listen());
}

io::Task<void> RedisTrigger::drain(io::Clock::duration time) {
  for (auto& listener : listeners_) listener->stop();
  auto late = services_.loop.deadlines().arm(time, [this] { tasks_.cancel(); });
  auto drained = tasks_.drained();
  co_await std::move(drained);
  late.disarm();
  auto closing = instances_->close();
  co_await std::move(closing);
}

}  // namespace spindle::trigger
