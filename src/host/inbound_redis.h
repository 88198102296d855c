#pragma once

// How guests are called for a message of a Redis channel: fermyon:spin/inbound-redis, one
// synchronous function, and spin:redis/inbound-redis@3, an asynchronous one.
//
//   auto calling = call_inbound_redis(caller, payload);
//   auto answer = CO_TRY(co_await std::move(calling));
//   if (!answer) ...     the guest's own error, in words
//
// The trigger calls this. An Error is a trap.

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "component/host/typed_export.h"

namespace spindle::host {

inline constexpr std::string_view kInboundRedisInterface = "fermyon:spin/inbound-redis";
inline constexpr std::string_view kInboundRedisV3Interface = "spin:redis/inbound-redis@3.0.0";
inline constexpr std::string_view kInboundRedisFunction = "handle-message";

using InboundRedisAnswer = std::expected<void, std::string>;

// `caller` and the payload outlive the task.
io::Task<Result<InboundRedisAnswer>> call_inbound_redis(component::ExportCaller& caller,
                                                        std::span<const uint8_t> payload);
io::Task<Result<InboundRedisAnswer>> call_inbound_redis_v3(component::ExportCaller& caller,
                                                           std::span<const uint8_t> payload);

}  // namespace spindle::host
