#include "host/key_value/open_stores.h"

namespace spindle::host {

std::expected<OpenStore, OpenFailure> OpenStores::open(std::string_view label) {
  KeyValueStore* store = access_.find(label);
  if (store == nullptr) return std::unexpected(OpenFailure::Denied);
  return open(*store);
}

std::expected<OpenStore, OpenFailure> OpenStores::open(KeyValueStore& store) {
  if (open_ >= limits_.open_max) return std::unexpected(OpenFailure::TableFull);
  return OpenStore(*this, store);
}

std::unique_ptr<Cas> Cas::create(const Bucket& bucket, std::string_view key) {
  auto open = bucket.handle().owner().open(bucket.store());
  if (!open) return nullptr;
  std::unique_ptr<Cas> cas(new Cas(std::move(*open)));
  if (!cas->hold(key.size())) return nullptr;
  cas->key_ = key;
  return cas;
}

bool Cas::hold(uint64_t bytes) {
  OpenStores& owner = open_.owner();
  if (bytes > owner.limits_.held_bytes_max - owner.held_bytes_) return false;
  owner.held_bytes_ += bytes;
  held_bytes_ += bytes;
  return true;
}

bool Cas::remember(const std::optional<KeyValueBytes>& current) {
  take_expected();
  if (!current) return true;
  if (!hold(current->size())) return false;
  expected_ = current;
  return true;
}

std::optional<KeyValueBytes> Cas::take_expected() {
  if (expected_) {
    held_bytes_ -= expected_->size();
    open_.owner().held_bytes_ -= expected_->size();
  }
  return std::exchange(expected_, std::nullopt);
}

}  // namespace spindle::host
