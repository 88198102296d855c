#pragma once

// The embedded key-value store: a table in an SQLite file that Spin can open too.
//
//   spin_key_value(store TEXT, key TEXT, value BLOB, PRIMARY KEY (store, key))
//
// SqliteKeyValueFile owns the connection; several labels may share one file. Reads run on the
// calling loop when the connection is free (they come from the page cache), everything else on the
// blocking pool. Without a path the data lives in memory and every call is done at once.

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "host/key_value/store.h"
#include "host/sqlite/database.h"
#include "io/blocking_pool.h"

namespace spindle::host {

class SqliteKeyValueFile : public std::enable_shared_from_this<SqliteKeyValueFile> {
 public:
  // The file is opened, and its directory made, on first use.
  static std::shared_ptr<SqliteKeyValueFile> create(std::optional<std::filesystem::path> path,
                                                    io::BlockingPool& pool);

  std::shared_ptr<KeyValueStore> store(std::string label);

  // For callers outside of any loop: `spindle up --key-value`.
  Result<void> set_now(const std::string& label, const std::string& key, KeyValueBytes value);

 private:
  friend class SqliteKeyValueStore;
  SqliteKeyValueFile(std::optional<std::filesystem::path> path, io::BlockingPool& pool)
      : path_(std::move(path)), pool_(pool) {}
  // The lock must be held.
  Result<SqliteDatabase*> database();

  const std::optional<std::filesystem::path> path_;
  io::BlockingPool& pool_;
  std::mutex mutex_;
  std::optional<SqliteDatabase> database_;
};

}  // namespace spindle::host
