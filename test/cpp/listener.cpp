// A Redis trigger: remembers what it hears.
#include <spindle/key_value.h>
#include <spindle/redis.h>

using namespace spindle;

Result<void> handle(std::string_view message) {
  if (message == "bad") return fail(ErrorKind::Invalid, "a bad message");
  auto store = KeyValue::open();
  if (!store) return std::unexpected(store.error());
  return store->set("heard", message);
}
SPINDLE_REDIS(handle)
