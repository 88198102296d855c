#pragma once

// spin:key-value/key-value@3.0.0, fermyon:spin/key-value@2.0.0, and the unversioned
// fermyon:spin/key-value.
//
// Works:   every function of all. A label that the component does not list is `access-denied`; a
//          failure of the backend is `other` (`io` in the unversioned one). The stream of keys of
//          3.0.0 is of those that were there at the call; a failure comes with its future.
// Refused: more than kOpenStoresMax open stores is `store-table-full`.
// Differs: Spin's table is practically endless. A label that is listed but not defined stops the
//          application at its start, so that `no-such-store` is never answered; the same in Spin.

#include <optional>
#include <vector>

#include "bindings/fermyon/spin/key_value.h"
#include "bindings/fermyon/spin_2/key_value.h"
#include "bindings/spin/key_value_3/key_value.h"
#include "host/key_value/open_stores.h"

namespace spindle::host {

// What the interfaces with a `store` resource have in common: the class that bindings generated,
// its errors, its resource.
template <typename Interface, typename Error, typename Handle>
class SpinStores : public Interface {
 public:
  explicit SpinStores(OpenStores& stores) : stores_(stores) {}

  using Failure = Error;
  template <typename T>
  using Answer = io::Eventual<std::expected<T, Failure>>;

  Answer<std::optional<KeyValueBytes>> store_get(Handle& self, std::string_view key) override;
  Answer<void> store_set(Handle& self, std::string_view key,
                         std::span<const uint8_t> value) override;
  Answer<void> store_delete_(Handle& self, std::string_view key) override;
  Answer<bool> store_exists(Handle& self, std::string_view key) override;

 protected:
  std::expected<std::unique_ptr<Handle>, Failure> open(std::string_view label);

 private:
  OpenStores& stores_;
};

namespace key_value_2 = bindings::fermyon::spin_2::key_value;
namespace key_value_3 = bindings::spin::key_value_3::key_value;

class SpinKeyValue final : public SpinStores<key_value_2::Host, key_value_2::Error, StoreHandle> {
 public:
  using SpinStores::SpinStores;

  Result<std::expected<std::unique_ptr<StoreHandle>, Failure>> store_open(
      std::string_view label) override;
  Answer<std::vector<std::string>> store_get_keys(StoreHandle& self) override;
};

class SpinKeyValueV3 final
    : public SpinStores<key_value_3::Host, key_value_3::Error, AsyncStoreHandle> {
 public:
  using SpinStores::SpinStores;
  using Keys = std::tuple<component::Stream<std::string>,
                          component::Future<std::expected<void, key_value_3::Error>>>;

  Answer<std::unique_ptr<AsyncStoreHandle>> store_open(std::string_view label) override;
  io::Eventual<Keys> store_get_keys(AsyncStoreHandle& self) override;
};

// Handles are numbers that this class gives out itself.
class SpinKeyValueV1 final : public bindings::fermyon::spin::key_value::Host {
 public:
  explicit SpinKeyValueV1(OpenStores& stores) : stores_(stores) {}

  using Failure = bindings::fermyon::spin::key_value::Error;
  template <typename T>
  using Answer = io::Eventual<std::expected<T, Failure>>;

  Result<std::expected<uint32_t, Failure>> open(std::string_view name) override;
  Answer<KeyValueBytes> get(uint32_t store, std::string_view key) override;
  Answer<void> set(uint32_t store, std::string_view key, std::span<const uint8_t> value) override;
  Answer<void> delete_(uint32_t store, std::string_view key) override;
  Answer<bool> exists(uint32_t store, std::string_view key) override;
  Answer<std::vector<std::string>> get_keys(uint32_t store) override;
  Result<void> close(uint32_t store) override;

 private:
  // Null where nothing is open under that number.
  const OpenStore* find(uint32_t store) const;

  OpenStores& stores_;
  std::vector<std::optional<OpenStore>> slots_;
  std::vector<uint32_t> free_;
};

}  // namespace spindle::host
