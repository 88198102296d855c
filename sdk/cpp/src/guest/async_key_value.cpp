// Key-value of coroutines, over spin:key-value@3.0.0.

#include "async_capabilities.h"
#include "guest/async_convert.h"

namespace spindle::async {
namespace {

namespace kv = async_bindings::spin::key_value_3::key_value;
using Store = guest::Borrowed<kv::Store>;
using guest::kStoreError;

}  // namespace

KeyValue::KeyValue(int32_t id) : handle_(id, guest::drop<kv::Store>) {}

Task<Result<KeyValue>> KeyValue::open(std::string store) {
  auto opened = co_await kv::Store::open(std::move(store));
  co_return guest::result<KeyValue>(std::move(opened), kStoreError,
                                    [](kv::Store made) { return KeyValue(made.release()); });
}

Task<Result<std::optional<std::string>>> KeyValue::get(std::string key) const {
  using Value = std::optional<std::string>;
  const Store store(handle_);
  auto found = co_await store->get(std::move(key));
  co_return guest::result<Value>(std::move(found), kStoreError, [](auto value) {
    return value.has_value() ? Value(guest::text(*value)) : Value();
  });
}

Task<Result<void>> KeyValue::set(std::string key, std::string value) const {
  const Store store(handle_);
  auto done = co_await store->set(std::move(key), guest::byte_vector(value));
  co_return guest::result<void>(std::move(done), kStoreError);
}

Task<Result<void>> KeyValue::remove(std::string key) const {
  const Store store(handle_);
  auto done = co_await store->delete_(std::move(key));
  co_return guest::result<void>(std::move(done), kStoreError);
}

Task<Result<bool>> KeyValue::exists(std::string key) const {
  const Store store(handle_);
  auto found = co_await store->exists(std::move(key));
  co_return guest::result<bool>(std::move(found), kStoreError);
}

Task<Result<std::vector<std::string>>> KeyValue::keys() const {
  const Store store(handle_);
  auto [stream, end] = co_await store->get_keys();
  co_return co_await guest::collect(std::move(stream), std::move(end), kStoreError);
}

}  // namespace spindle::async
