#include "host/key_value/spin.h"

#include "host/answer.h"

namespace spindle::host {
namespace {

using V1 = SpinKeyValueV1::Failure;
using V2 = SpinKeyValue::Failure;
using V3 = SpinKeyValueV3::Failure;

V1 io_failure(std::string message) {
  return V1{V1::Io{std::move(message)}};
}

template <typename Failure>
Failure other_failure(std::string message) {
  return Failure{typename Failure::Other{std::move(message)}};
}

// All interfaces name these two alike.
template <typename Failure>
Failure open_failure(OpenFailure why) {
  if (why == OpenFailure::Denied) return Failure{typename Failure::AccessDenied{}};
  return Failure{typename Failure::StoreTableFull{}};
}

template <typename T>
SpinKeyValueV1::Answer<T> invalid_store() {
  return std::expected<T, V1>(std::unexpect, V1{V1::InvalidStore{}});
}

KeyValueBytes copy(std::span<const uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace

template <typename Interface, typename Error, typename Handle>
std::expected<std::unique_ptr<Handle>, Error> SpinStores<Interface, Error, Handle>::open(
    std::string_view label) {
  auto open = stores_.open(label);
  if (!open) return std::unexpected(open_failure<Error>(open.error()));
  return std::make_unique<Handle>(std::move(*open));
}

template <typename Interface, typename Error, typename Handle>
auto SpinStores<Interface, Error, Handle>::store_get(Handle& self, std::string_view key)
    -> Answer<std::optional<KeyValueBytes>> {
  return answer<&other_failure<Error>>(self.store().get(self.loop(), std::string(key)));
}

template <typename Interface, typename Error, typename Handle>
auto SpinStores<Interface, Error, Handle>::store_set(Handle& self, std::string_view key,
                                                     std::span<const uint8_t> value)
    -> Answer<void> {
  return answer<&other_failure<Error>>(
      self.store().set(self.loop(), std::string(key), copy(value)));
}

template <typename Interface, typename Error, typename Handle>
auto SpinStores<Interface, Error, Handle>::store_delete_(Handle& self, std::string_view key)
    -> Answer<void> {
  return answer<&other_failure<Error>>(self.store().remove(self.loop(), std::string(key)));
}

template <typename Interface, typename Error, typename Handle>
auto SpinStores<Interface, Error, Handle>::store_exists(Handle& self, std::string_view key)
    -> Answer<bool> {
  return answer<&other_failure<Error>>(self.store().exists(self.loop(), std::string(key)));
}

template class SpinStores<key_value_2::Host, V2, StoreHandle>;
template class SpinStores<key_value_3::Host, V3, AsyncStoreHandle>;

Result<std::expected<std::unique_ptr<StoreHandle>, V2>> SpinKeyValue::store_open(
    std::string_view label) {
  return open(label);
}

SpinKeyValue::Answer<std::vector<std::string>> SpinKeyValue::store_get_keys(StoreHandle& self) {
  return answer<&other_failure<V2>>(self.store().keys(self.loop()));
}

SpinKeyValueV3::Answer<std::unique_ptr<AsyncStoreHandle>> SpinKeyValueV3::store_open(
    std::string_view label) {
  return open(label);
}

io::Eventual<SpinKeyValueV3::Keys> SpinKeyValueV3::store_get_keys(AsyncStoreHandle& self) {
  using Stream = component::Stream<std::string>;
  using Done = component::Future<std::expected<void, V3>>;
  return then(answer<&other_failure<V3>>(self.store().keys(self.loop())),
              [](auto brought) -> Result<Keys> {
                auto keys = TRY(std::move(brought));
                if (!keys)
                  return Keys(Stream(), Done::of(std::unexpected(std::move(keys).error())));
                return Keys(Stream::of(*std::move(keys)), Done::of({}));
              });
}

const OpenStore* SpinKeyValueV1::find(uint32_t store) const {
  if (store >= slots_.size() || !slots_[store]) return nullptr;
  return &*slots_[store];
}

Result<std::expected<uint32_t, V1>> SpinKeyValueV1::open(std::string_view name) {
  using Opened = std::expected<uint32_t, V1>;
  auto open = stores_.open(name);
  if (!open) return Opened(std::unexpect, open_failure<V1>(open.error()));
  if (free_.empty()) {
    slots_.emplace_back(std::move(*open));
    return Opened(static_cast<uint32_t>(slots_.size() - 1));
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  slots_[slot].emplace(std::move(*open));
  return Opened(slot);
}

SpinKeyValueV1::Answer<KeyValueBytes> SpinKeyValueV1::get(uint32_t store, std::string_view key) {
  using Got = std::expected<KeyValueBytes, V1>;
  const OpenStore* open = find(store);
  if (open == nullptr) return invalid_store<KeyValueBytes>();
  return then(answer<&io_failure>(open->store().get(open->loop(), std::string(key))),
              [](auto brought) -> Result<Got> {
                auto got = TRY(std::move(brought));
                if (!got) return Got(std::unexpect, std::move(got).error());
                if (!*got) return Got(std::unexpect, V1{V1::NoSuchKey{}});
                return Got(std::move(**got));
              });
}

SpinKeyValueV1::Answer<void> SpinKeyValueV1::set(uint32_t store, std::string_view key,
                                                 std::span<const uint8_t> value) {
  const OpenStore* open = find(store);
  if (open == nullptr) return invalid_store<void>();
  return answer<&io_failure>(open->store().set(open->loop(), std::string(key), copy(value)));
}

SpinKeyValueV1::Answer<void> SpinKeyValueV1::delete_(uint32_t store, std::string_view key) {
  const OpenStore* open = find(store);
  if (open == nullptr) return invalid_store<void>();
  return answer<&io_failure>(open->store().remove(open->loop(), std::string(key)));
}

SpinKeyValueV1::Answer<bool> SpinKeyValueV1::exists(uint32_t store, std::string_view key) {
  const OpenStore* open = find(store);
  if (open == nullptr) return invalid_store<bool>();
  return answer<&io_failure>(open->store().exists(open->loop(), std::string(key)));
}

SpinKeyValueV1::Answer<std::vector<std::string>> SpinKeyValueV1::get_keys(uint32_t store) {
  const OpenStore* open = find(store);
  if (open == nullptr) return invalid_store<std::vector<std::string>>();
  return answer<&io_failure>(open->store().keys(open->loop()));
}

Result<void> SpinKeyValueV1::close(uint32_t store) {
  if (find(store) == nullptr) return {};
  slots_[store].reset();
  free_.push_back(store);
  return {};
}

}  // namespace spindle::host
