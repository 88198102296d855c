#pragma once

// The key-value store of type `redis`: keys and values of a server, as they are: without the label
// in front, so that all stores on one server and database share them, as in Spin.
//
// Each event loop has one connection, over which the commands of all its guests are pipelined;
// swapping has one of its own while it lasts. A loop must enter before its guests use the store and
// leave after the last of them is gone.
//
// Differs from Spin: get-many asks for the keys that are named (MGET) and leaves missing ones out.

#include <map>
#include <memory>
#include <mutex>

#include "host/key_value/store.h"
#include "redis/connections.h"

namespace spindle::host {

class RedisKeyValueStore final : public KeyValueStore {
 public:
  explicit RedisKeyValueStore(redis::Address address) : address_(std::move(address)) {}

  // For callers outside of any loop: `spindle up --key-value`.
  Result<void> set_now(const std::string& key, KeyValueBytes value) const;

  // `connections` outlives the stay; it is of that loop.
  void enter(io::EventLoop& loop, redis::Connections& connections) override;
  void leave(io::EventLoop& loop) override;

  io::Eventual<std::optional<KeyValueBytes>> get(io::EventLoop& loop, std::string key) override;
  io::Eventual<void> set(io::EventLoop& loop, std::string key, KeyValueBytes value) override;
  io::Eventual<void> remove(io::EventLoop& loop, std::string key) override;
  io::Eventual<bool> exists(io::EventLoop& loop, std::string key) override;
  io::Eventual<std::vector<std::string>> keys(io::EventLoop& loop) override;
  io::Eventual<std::vector<KeyValuePair>> get_many(io::EventLoop& loop,
                                                   std::vector<std::string> keys) override;
  io::Eventual<void> set_many(io::EventLoop& loop, std::vector<KeyValuePair> pairs) override;
  io::Eventual<void> remove_many(io::EventLoop& loop, std::vector<std::string> keys) override;
  io::Eventual<int64_t> increment(io::EventLoop& loop, std::string key, int64_t delta) override;
  io::Eventual<SwapOutcome> swap(io::EventLoop& loop, std::string key,
                                 std::optional<KeyValueBytes> expected,
                                 KeyValueBytes value) override;

 private:
  Result<redis::Connections*> connections(io::EventLoop& loop);
  // Errors of the server are Errors.
  io::Task<Result<redis::Reply>> ask(io::EventLoop& loop, std::string command);

  const redis::Address address_;
  std::mutex mutex_;
  std::map<const io::EventLoop*, redis::Connections*> loops_;
};

}  // namespace spindle::host
