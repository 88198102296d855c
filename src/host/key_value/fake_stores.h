#pragma once

// Stores for tests: LateStore answers as another store does, but never at once; FailingStore
// answers every call with the same Error.

#include "host/key_value/store.h"

namespace spindle::host::testing {

class LateStore final : public KeyValueStore {
 public:
  explicit LateStore(std::shared_ptr<KeyValueStore> store) : store_(std::move(store)) {}

  io::Eventual<std::optional<KeyValueBytes>> get(io::EventLoop& loop, std::string key) override {
    return later(store_->get(loop, std::move(key)));
  }
  io::Eventual<void> set(io::EventLoop& loop, std::string key, KeyValueBytes value) override {
    return later(store_->set(loop, std::move(key), std::move(value)));
  }
  io::Eventual<void> remove(io::EventLoop& loop, std::string key) override {
    return later(store_->remove(loop, std::move(key)));
  }
  io::Eventual<bool> exists(io::EventLoop& loop, std::string key) override {
    return later(store_->exists(loop, std::move(key)));
  }
  io::Eventual<std::vector<std::string>> keys(io::EventLoop& loop) override {
    return later(store_->keys(loop));
  }
  io::Eventual<std::vector<KeyValuePair>> get_many(io::EventLoop& loop,
                                                   std::vector<std::string> keys) override {
    return later(store_->get_many(loop, std::move(keys)));
  }
  io::Eventual<void> set_many(io::EventLoop& loop, std::vector<KeyValuePair> pairs) override {
    return later(store_->set_many(loop, std::move(pairs)));
  }
  io::Eventual<void> remove_many(io::EventLoop& loop, std::vector<std::string> keys) override {
    return later(store_->remove_many(loop, std::move(keys)));
  }
  io::Eventual<int64_t> increment(io::EventLoop& loop, std::string key, int64_t delta) override {
    return later(store_->increment(loop, std::move(key), delta));
  }
  io::Eventual<SwapOutcome> swap(io::EventLoop& loop, std::string key,
                                 std::optional<KeyValueBytes> expected,
                                 KeyValueBytes value) override {
    return later(store_->swap(loop, std::move(key), std::move(expected), std::move(value)));
  }

 private:
  template <typename T>
  static io::Eventual<T> later(io::Eventual<T> eventual) {
    return io::Eventual<T>::wait(std::move(eventual));
  }
  std::shared_ptr<KeyValueStore> store_;
};

class FailingStore final : public KeyValueStore {
 public:
  explicit FailingStore(Error error) : error_(std::move(error)) {}

  io::Eventual<std::optional<KeyValueBytes>> get(io::EventLoop&, std::string) override {
    return error_;
  }
  io::Eventual<void> set(io::EventLoop&, std::string, KeyValueBytes) override { return error_; }
  io::Eventual<void> remove(io::EventLoop&, std::string) override { return error_; }
  io::Eventual<bool> exists(io::EventLoop&, std::string) override { return error_; }
  io::Eventual<std::vector<std::string>> keys(io::EventLoop&) override { return error_; }
  io::Eventual<std::vector<KeyValuePair>> get_many(io::EventLoop&,
                                                   std::vector<std::string>) override {
    return error_;
  }
  io::Eventual<void> set_many(io::EventLoop&, std::vector<KeyValuePair>) override { return error_; }
  io::Eventual<void> remove_many(io::EventLoop&, std::vector<std::string>) override {
    return error_;
  }
  io::Eventual<int64_t> increment(io::EventLoop&, std::string, int64_t) override { return error_; }
  io::Eventual<SwapOutcome> swap(io::EventLoop&, std::string, std::optional<KeyValueBytes>,
                                 KeyValueBytes) override {
    return error_;
  }

 private:
  Error error_;
};

}  // namespace spindle::host::testing
