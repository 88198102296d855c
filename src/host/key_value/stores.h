#pragma once

// The key-value stores of an application, and which of them a component may open.
//
// KeyValueStores is made once per application from the operator's file; labels that share a path
// share one connection. KeyValueAccess is made once per component: it holds exactly the labels that
// the author listed, so that opening a store is a look-up, and a listed label that nobody defined
// stops the application before it serves. Both are immutable and shared by all event loops.

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/locked_app.h"
#include "app/runtime_config.h"
#include "host/key_value/redis_store.h"
#include "host/key_value/sqlite_store.h"
#include "host/key_value/store.h"
#include "io/blocking_pool.h"

namespace spindle::host {

class KeyValueAccess {
 public:
  void add(std::string label, std::shared_ptr<KeyValueStore> store);
  // Null where the component may not open that label.
  KeyValueStore* find(std::string_view label) const;

 private:
  std::map<std::string, std::shared_ptr<KeyValueStore>, std::less<>> stores_;
};

class KeyValueStores {
 public:
  // Opens nothing. Without a definition of its own the label `default` is a file in `state_dir`, or
  // in memory where there is none. `pool` outlives the stores.
  static KeyValueStores create(const app::RuntimeConfig& config,
                               const std::optional<std::filesystem::path>& state_dir,
                               io::BlockingPool& pool);

  // For stores on servers: a loop comes before its guests and leaves after them.
  void enter(io::EventLoop& loop, redis::Connections& connections) const;
  void leave(io::EventLoop& loop) const;

  // Null where the label is not defined.
  std::shared_ptr<KeyValueStore> find(std::string_view label) const;
  // An error names a label that the component lists and nobody defines, or that is defined wrongly.
  Result<KeyValueAccess> access_of(const app::LockedComponent& component) const;
  // Where the label `default` lives when nobody defined it.
  const std::optional<std::filesystem::path>& implicit_default() const { return default_; }
  // Before the loops run: `spindle up --key-value`.
  Result<void> set_now(std::string_view label, const std::string& key, KeyValueBytes value) const;

 private:
  std::optional<std::filesystem::path> default_;
  std::map<std::string, std::shared_ptr<SqliteKeyValueFile>, std::less<>> files_;
  std::map<std::string, std::shared_ptr<RedisKeyValueStore>, std::less<>> servers_;
  // What is wrong with the URL of a server.
  std::map<std::string, Error, std::less<>> invalid_;
};

}  // namespace spindle::host
