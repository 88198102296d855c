#pragma once

// Key-value stores of the manifest's `key_value_stores`.
//
//   auto store = KeyValue::open();
//   if (!store) return text(store.error().message, 500);
//   auto set = store->set("tea", "green");
//   Result<std::optional<std::string>> tea = store->get("tea");
//
// Values are bytes. Every call waits for the host.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <spindle/error.h>
#include <spindle/handle.h>

namespace spindle {

class KeyValue {
 public:
  static Result<KeyValue> open(std::string_view store = "default");

  Result<std::optional<std::string>> get(std::string_view key) const;
  Result<void> set(std::string_view key, std::string_view value) const;
  Result<void> remove(std::string_view key) const;
  Result<bool> exists(std::string_view key) const;
  Result<std::vector<std::string>> keys() const;

 private:
  explicit KeyValue(int32_t id);
  detail::Handle handle_;
};

}  // namespace spindle
