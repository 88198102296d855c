#pragma once

// wasi:keyvalue@0.2.0-draft2: store, batch, atomics.
//
// Works:   every function. A label that the component does not list is `access-denied`; a failure
//          of the backend is `other`; a failed swap brings a handle that knows the current value.
// Refused: a cursor in list-keys is `other("list_keys: cursor not supported")`; too many open
//          handles, or more than kHeldBytesMax kept by compare-and-swap handles, is `other`.
// Differs: get-many leaves missing keys out, as Spin does on this store and the interface does not
//          say; increment of what is no 8-byte integer is `other` where Spin ends the call.
//          The interface `watcher` is not there, as in Spin.

#include "bindings/wasi/keyvalue_0_2_0_draft2/atomics.h"
#include "bindings/wasi/keyvalue_0_2_0_draft2/batch.h"
#include "bindings/wasi/keyvalue_0_2_0_draft2/store.h"
#include "host/key_value/open_stores.h"

namespace spindle::host {

namespace wasi_key_value = bindings::wasi::keyvalue_0_2_0_draft2;

using WasiKeyValueFailure = wasi_key_value::store::Error;
template <typename T>
using WasiKeyValueAnswer = io::Eventual<std::expected<T, WasiKeyValueFailure>>;

class WasiKeyValueStore final : public wasi_key_value::store::Host {
 public:
  explicit WasiKeyValueStore(OpenStores& stores) : stores_(stores) {}

  Result<std::expected<std::unique_ptr<Bucket>, WasiKeyValueFailure>> open(
      std::string_view identifier) override;
  WasiKeyValueAnswer<std::optional<KeyValueBytes>> bucket_get(Bucket& self,
                                                              std::string_view key) override;
  WasiKeyValueAnswer<void> bucket_set(Bucket& self, std::string_view key,
                                      std::span<const uint8_t> value) override;
  WasiKeyValueAnswer<void> bucket_delete_(Bucket& self, std::string_view key) override;
  WasiKeyValueAnswer<bool> bucket_exists(Bucket& self, std::string_view key) override;
  WasiKeyValueAnswer<wasi_key_value::store::KeyResponse> bucket_list_keys(
      Bucket& self, std::optional<std::string_view> cursor) override;

 private:
  OpenStores& stores_;
};

class WasiKeyValueBatch final : public wasi_key_value::batch::Host {
 public:
  using Pairs = std::vector<std::tuple<std::string, std::optional<KeyValueBytes>>>;

  WasiKeyValueAnswer<Pairs> get_many(Bucket& bucket,
                                     const std::vector<std::string_view>& keys) override;
  WasiKeyValueAnswer<void> set_many(
      Bucket& bucket,
      const std::vector<std::tuple<std::string_view, std::span<const uint8_t>>>& key_values)
      override;
  WasiKeyValueAnswer<void> delete_many(Bucket& bucket,
                                       const std::vector<std::string_view>& keys) override;
};

class WasiKeyValueAtomics final : public wasi_key_value::atomics::Host {
 public:
  Result<std::expected<std::unique_ptr<Cas>, WasiKeyValueFailure>> cas_new_(
      Bucket& bucket, std::string_view key) override;
  WasiKeyValueAnswer<std::optional<KeyValueBytes>> cas_current(Cas& self) override;
  WasiKeyValueAnswer<int64_t> increment(Bucket& bucket, std::string_view key,
                                        int64_t delta) override;
  io::Eventual<std::expected<void, wasi_key_value::atomics::CasError>> swap(
      std::unique_ptr<Cas> cas, std::span<const uint8_t> value) override;
};

}  // namespace spindle::host
