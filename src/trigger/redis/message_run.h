#pragma once

// MessageRun: one message in one guest, from the instance to the end of its call. What fails is
// reported; there is nobody to answer.

#include <string>

#include "host/services.h"
#include "io/cancel.h"
#include "runtime/guest_component.h"
#include "runtime/instance_pool.h"
#include "trigger/redis/redis_service.h"

namespace spindle::trigger {

class MessageRun {
 public:
  // All of it outlives run(); `channel` is for reports.
  MessageRun(const RedisService& service, const host::Services& services,
             const RedisService::Target& target, std::string_view channel,
             runtime::InstanceLease lease)
      : service_(service),
        services_(services),
        target_(target),
        channel_(channel),
        cancel_(services.loop),
        lease_(std::move(lease)) {}

  io::Task<void> run(std::span<const uint8_t> payload);

 private:
  io::Task<Result<void>> call_guest(std::span<const uint8_t> payload);
  void leave_guest(const Result<void>& outcome);
  void report(const Error& error);

  const RedisService& service_;
  const host::Services& services_;
  const RedisService::Target& target_;
  std::string_view channel_;
  io::CancelSource cancel_;
  bool is_late_ = false;
  // Last, so that a guest of this message alone goes first.
  runtime::InstanceLease lease_;
  // The instance, once the message is in it.
  runtime::GuestInstance* guest_ = nullptr;
  std::string backtrace_;
};

}  // namespace spindle::trigger
