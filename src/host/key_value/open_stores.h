#pragma once

// What one instance has open of the key-value stores, whichever interface it opened them by.
//
// OpenStores counts for the instance: handles, and the bytes that compare-and-swap handles keep.
// An OpenStore is one open handle and gives its place back when it goes. The resources wrap it:
// `store` of fermyon:spin/key-value@2.0.0 and of spin:key-value@3.0.0, `bucket` and `cas` of
// wasi:keyvalue. A handle stays usable whatever happens to others, because stores belong to the
// application.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "component/host/resource.h"
#include "host/key_value/stores.h"

namespace spindle::host {

inline constexpr uint32_t kOpenStoresMax = 16'384;
inline constexpr uint64_t kHeldBytesMax = uint64_t{256} << 20;

struct OpenStoreLimits {
  uint32_t open_max = kOpenStoresMax;
  // What the compare-and-swap handles of an instance may keep, keys and values.
  uint64_t held_bytes_max = kHeldBytesMax;
};

enum class OpenFailure : uint8_t { Denied, TableFull };

class OpenStore;

class OpenStores {
 public:
  // Both outlive the instance.
  OpenStores(io::EventLoop& loop, const KeyValueAccess& access, OpenStoreLimits limits = {})
      : loop_(loop), access_(access), limits_(limits) {}
  OpenStores(const OpenStores&) = delete;
  OpenStores& operator=(const OpenStores&) = delete;

  std::expected<OpenStore, OpenFailure> open(std::string_view label);
  uint32_t open_count() const { return open_; }
  uint64_t held_bytes() const { return held_bytes_; }

 private:
  friend class OpenStore;
  friend class Cas;
  std::expected<OpenStore, OpenFailure> open(KeyValueStore& store);

  io::EventLoop& loop_;
  const KeyValueAccess& access_;
  const OpenStoreLimits limits_;
  uint32_t open_ = 0;
  uint64_t held_bytes_ = 0;
};

class OpenStore {
 public:
  OpenStore(OpenStore&& other) noexcept
      : owner_(std::exchange(other.owner_, nullptr)), store_(other.store_) {}
  OpenStore& operator=(OpenStore&& other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(store_, other.store_);
    return *this;
  }
  ~OpenStore() {
    if (owner_ != nullptr) --owner_->open_;
  }

  KeyValueStore& store() const { return *store_; }
  io::EventLoop& loop() const { return owner_->loop_; }
  OpenStores& owner() const { return *owner_; }

 private:
  friend class OpenStores;
  OpenStore(OpenStores& owner, KeyValueStore& store) : owner_(&owner), store_(&store) {
    ++owner_->open_;
  }

  OpenStores* owner_;
  KeyValueStore* store_;
};

// A resource that is an open store. Each interface has a class of its own: handles of one are not
// handles of another.
class StoreResource : public component::HostResource {
 public:
  KeyValueStore& store() const { return open_.store(); }
  io::EventLoop& loop() const { return open_.loop(); }
  const OpenStore& handle() const { return open_; }

 protected:
  explicit StoreResource(OpenStore open) : open_(std::move(open)) {}

 private:
  OpenStore open_;
};

// Of fermyon:spin/key-value@2.0.0.
class StoreHandle final : public StoreResource {
 public:
  explicit StoreHandle(OpenStore open) : StoreResource(std::move(open)) {}
};

// Of spin:key-value/key-value@3.0.0.
class AsyncStoreHandle final : public StoreResource {
 public:
  explicit AsyncStoreHandle(OpenStore open) : StoreResource(std::move(open)) {}
};

// Of wasi:keyvalue/store.
class Bucket final : public StoreResource {
 public:
  explicit Bucket(OpenStore open) : StoreResource(std::move(open)) {}
};

// A compare-and-swap under way: the key, and what it held when the guest last looked.
class Cas final : public component::HostResource {
 public:
  // A place of its own in the table; nothing where the instance holds too much already.
  static std::unique_ptr<Cas> create(const Bucket& bucket, std::string_view key);
  ~Cas() override { open_.owner().held_bytes_ -= held_bytes_; }

  KeyValueStore& store() const { return open_.store(); }
  io::EventLoop& loop() const { return open_.loop(); }
  const std::string& key() const { return key_; }

  // Remembers what the key holds; false where the instance holds too much already.
  bool remember(const std::optional<KeyValueBytes>& current);
  std::optional<KeyValueBytes> take_expected();

 private:
  explicit Cas(OpenStore open) : open_(std::move(open)) {}
  bool hold(uint64_t bytes);

  OpenStore open_;
  std::string key_;
  std::optional<KeyValueBytes> expected_;
  uint64_t held_bytes_ = 0;
};

}  // namespace spindle::host
