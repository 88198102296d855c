// Key-value over fermyon:spin/key-value@2.0.0.

#include <spindle/key_value.h>

#include "capabilities.h"
#include "guest/convert.h"

namespace spindle {
namespace {

namespace kv = bindings::fermyon::spin_2::key_value;

Error explain(const kv::Error& error) {
  if (const auto* other = std::get_if<kv::Error::Other>(&error.value)) {
    return {ErrorKind::Other, other->value};
  }
  static const Error kErrors[] = {{ErrorKind::Full, "too many open stores"},
                                  {ErrorKind::NotFound, "no such store"},
                                  {ErrorKind::Denied, "the component may not use this store"}};
  return kErrors[error.value.index()];
}

}  // namespace

KeyValue::KeyValue(int32_t id) : handle_(id, guest::drop<kv::Store>) {}

Result<KeyValue> KeyValue::open(std::string_view store) {
  return guest::result<KeyValue>(kv::Store::open(store), explain,
                                 [](kv::Store opened) { return KeyValue(opened.release()); });
}

Result<std::optional<std::string>> KeyValue::get(std::string_view key) const {
  using Value = std::optional<std::string>;
  auto done =
      guest::with<kv::Store>(handle_.id(), [&](const auto& store) { return store.get(key); });
  return guest::result<Value>(std::move(done), explain, [](auto value) {
    return value.has_value() ? Value(guest::text(*value)) : Value();
  });
}

Result<void> KeyValue::set(std::string_view key, std::string_view value) const {
  return guest::result<void>(
      guest::with<kv::Store>(
          handle_.id(), [&](const auto& store) { return store.set(key, guest::bytes(value)); }),
      explain);
}

Result<void> KeyValue::remove(std::string_view key) const {
  return guest::result<void>(
      guest::with<kv::Store>(handle_.id(), [&](const auto& store) { return store.delete_(key); }),
      explain);
}

Result<bool> KeyValue::exists(std::string_view key) const {
  return guest::result<bool>(
      guest::with<kv::Store>(handle_.id(), [&](const auto& store) { return store.exists(key); }),
      explain);
}

Result<std::vector<std::string>> KeyValue::keys() const {
  return guest::result<std::vector<std::string>>(
      guest::with<kv::Store>(handle_.id(), [](const auto& store) { return store.get_keys(); }),
      explain);
}

}  // namespace spindle
