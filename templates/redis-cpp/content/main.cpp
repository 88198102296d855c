#include <spindle/key_value.h>
#include <spindle/redis.h>

using namespace spindle;

// Remembers what was published last.
Result<void> handle(std::string_view message) {
  auto store = KeyValue::open();
  if (!store) return std::unexpected(store.error());
  return store->set("last", message);
}
SPINDLE_REDIS(handle)
