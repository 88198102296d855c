#include "host/inbound_redis.h"

#include "bindings/fermyon/spin/redis_types_abi.h"
#include "bindings/spin/redis_3/redis_abi.h"

namespace spindle::host {
namespace {

using ErrorV1 = bindings::fermyon::spin::redis_types::Error;
using ErrorV3 = bindings::spin::redis_3::redis::Error;
using Handle = component::TypedExport<std::expected<void, ErrorV1>(std::span<const uint8_t>)>;
using HandleV3 = component::TypedExport<std::expected<void, ErrorV3>(std::span<const uint8_t>)>;

std::string text_of(const ErrorV3& error) {
  if (const auto* other = std::get_if<ErrorV3::Other>(&error.value)) return other->value;
  if (std::holds_alternative<ErrorV3::InvalidAddress>(error.value)) return "invalid-address";
  if (std::holds_alternative<ErrorV3::TypeError>(error.value)) return "type-error";
  return "too-many-connections";
}

}  // namespace

io::Task<Result<InboundRedisAnswer>> call_inbound_redis(component::ExportCaller& caller,
                                                        std::span<const uint8_t> payload) {
  auto calling = Handle::call_async(caller, payload);
  auto answer = CO_TRY(co_await std::move(calling));
  if (!answer) co_return InboundRedisAnswer(std::unexpect, "error");
  co_return InboundRedisAnswer();
}

io::Task<Result<InboundRedisAnswer>> call_inbound_redis_v3(component::ExportCaller& caller,
                                                           std::span<const uint8_t> payload) {
  auto calling = HandleV3::call_async(caller, payload);
  auto answer = CO_TRY(co_await std::move(calling));
  if (!answer) co_return InboundRedisAnswer(std::unexpect, text_of(answer.error()));
  co_return InboundRedisAnswer();
}

}  // namespace spindle::host
