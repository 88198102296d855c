// Key-value over fermyon:spin/key-value@2.0.0.

#include <spindle/key_value.h>

#include "capabilities.h"
#include "guest/capability_convert.h"

namespace spindle {
namespace {

namespace kv = bindings::fermyon::spin_2::key_value;

}  // namespace

KeyValue::KeyValue(int32_t id) : handle_(id, guest::drop<kv::Store>) {}

Result<KeyValue> KeyValue::open(std::string_view store) {
  return guest::result<KeyValue>(kv::Store::open(store), guest::kStoreError,
                                 [](kv::Store opened) { return KeyValue(opened.release()); });
}

Result<std::optional<std::string>> KeyValue::get(std::string_view key) const {
  using Value = std::optional<std::string>;
  auto done =
      guest::with<kv::Store>(handle_.id(), [&](const auto& store) { return store.get(key); });
  return guest::result<Value>(std::move(done), guest::kStoreError, [](auto value) {
    return value.has_value() ? Value(guest::text(*value)) : Value();
  });
}

Result<void> KeyValue::set(std::string_view key, std::string_view value) const {
  return guest::result<void>(
      guest::with<kv::Store>(
          handle_.id(), [&](const auto& store) { return store.set(key, guest::bytes(value)); }),
      guest::kStoreError);
}

Result<void> KeyValue::remove(std::string_view key) const {
  return guest::result<void>(
      guest::with<kv::Store>(handle_.id(), [&](const auto& store) { return store.delete_(key); }),
      guest::kStoreError);
}

Result<bool> KeyValue::exists(std::string_view key) const {
  return guest::result<bool>(
      guest::with<kv::Store>(handle_.id(), [&](const auto& store) { return store.exists(key); }),
      guest::kStoreError);
}

Result<std::vector<std::string>> KeyValue::keys() const {
  return guest::result<std::vector<std::string>>(
      guest::with<kv::Store>(handle_.id(), [](const auto& store) { return store.get_keys(); }),
      guest::kStoreError);
}

}  // namespace spindle
