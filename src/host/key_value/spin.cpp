#include "host/key_value/spin.h"

#include "host/answer.h"

namespace spindle::host {
namespace {

using V1 = SpinKeyValueV1::Failure;
using V2 = SpinKeyValue::Failure;

V1 io_failure(std::string message) {
  return V1{V1::Io{std::move(message)}};
}

V2 other_failure(std::string message) {
  return V2{V2::Other{std::move(message)}};
}

// Both interfaces name these two alike.
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

Result<std::expected<std::unique_ptr<StoreHandle>, V2>> SpinKeyValue::store_open(
    std::string_view label) {
  using Opened = std::expected<std::unique_ptr<StoreHandle>, V2>;
  auto open = stores_.open(label);
  if (!open) return Opened(std::unexpect, open_failure<V2>(open.error()));
  return Opened(std::make_unique<StoreHandle>(std::move(*open)));
}

SpinKeyValue::Answer<std::optional<KeyValueBytes>> SpinKeyValue::store_get(StoreHandle& self,
                                                                           std::string_view key) {
  return answer<&other_failure>(self.store().get(self.loop(), std::string(key)));
}

SpinKeyValue::Answer<void> SpinKeyValue::store_set(StoreHandle& self, std::string_view key,
                                                   std::span<const uint8_t> value) {
  return answer<&other_failure>(self.store().set(self.loop(), std::string(key), copy(value)));
}

SpinKeyValue::Answer<void> SpinKeyValue::store_delete_(StoreHandle& self, std::string_view key) {
  return answer<&other_failure>(self.store().remove(self.loop(), std::string(key)));
}

SpinKeyValue::Answer<bool> SpinKeyValue::store_exists(StoreHandle& self, std::string_view key) {
  return answer<&other_failure>(self.store().exists(self.loop(), std::string(key)));
}

SpinKeyValue::Answer<std::vector<std::string>> SpinKeyValue::store_get_keys(StoreHandle& self) {
  return answer<&other_failure>(self.store().keys(self.loop()));
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
