// The Redis trigger: fermyon:spin/inbound-redis.

#include <spindle/redis.h>

#include "guest/convert.h"
// Its exports in this object file: nothing refers to them, so that the linker would leave them out.
#include "redis_trigger.cpp"

namespace spindle::detail {
const char kRedisTrigger = 0;
}

namespace spindle::redis_bindings::exports::fermyon::spin::inbound_redis {

using Failure = redis_bindings::fermyon::spin::redis_types::Error;

std::expected<void, Failure> handle_message(std::vector<uint8_t> message) {
  const std::string text = guest::text(message);
  if (detail::kRedisHandler.function(text).has_value()) return {};
  return std::unexpected(Failure::Error);
}

}  // namespace spindle::redis_bindings::exports::fermyon::spin::inbound_redis
