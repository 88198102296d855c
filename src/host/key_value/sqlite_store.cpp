#include "host/key_value/sqlite_store.h"

#include <fmt/format.h>

#include <cstring>

#include "io/event_loop.h"

namespace spindle::host {
namespace {

constexpr std::string_view kSchema =
    "CREATE TABLE IF NOT EXISTS spin_key_value ("
    "store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))";
constexpr std::string_view kSelect =
    "SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2";
constexpr std::string_view kExists = "SELECT 1 FROM spin_key_value WHERE store = ?1 AND key = ?2";
constexpr std::string_view kKeys = "SELECT key FROM spin_key_value WHERE store = ?1";
constexpr std::string_view kUpsert =
    "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3) "
    "ON CONFLICT (store, key) DO UPDATE SET value = ?3";
constexpr std::string_view kDelete = "DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2";
constexpr std::string_view kUpdateIfEqual =
    "UPDATE spin_key_value SET value = ?3 WHERE store = ?1 AND key = ?2 AND value = ?4";

Result<void> check_key(std::string_view key) {
  if (key.size() <= kKeyBytesMax) return {};
  return Error::limit_exceeded(
      fmt::format("key of {} bytes, at most {} are allowed", key.size(), kKeyBytesMax));
}

Result<void> check_value(const KeyValueBytes& value) {
  if (value.size() <= kValueBytesMax) return {};
  return Error::limit_exceeded(
      fmt::format("value of {} bytes, at most {} are allowed", value.size(), kValueBytesMax));
}

Result<void> add_to_result(size_t bytes, size_t& total) {
  total += bytes;
  if (total <= kKeyValueResultBytesMax) return {};
  return Error::limit_exceeded(
      fmt::format("query result exceeds limit of {} bytes", kKeyValueResultBytesMax));
}

Result<ActiveStatement> keyed(SqliteDatabase& database, std::string_view text,
                              std::string_view label, std::string_view key) {
  auto statement = TRY(database.prepared(text));
  TRY(statement->bind(1, label));
  TRY(statement->bind(2, key));
  return statement;
}

Result<std::optional<KeyValueBytes>> read(SqliteDatabase& database, std::string_view label,
                                          std::string_view key) {
  auto select = TRY(keyed(database, kSelect, label, key));
  if (!TRY(select->step())) return std::optional<KeyValueBytes>();
  auto blob = select->blob(0);
  return std::optional(KeyValueBytes(blob.begin(), blob.end()));
}

Result<void> write(SqliteDatabase& database, std::string_view label, std::string_view key,
                   std::span<const uint8_t> value) {
  auto upsert = TRY(keyed(database, kUpsert, label, key));
  TRY(upsert->bind(3, value));
  TRY(upsert->step());
  return {};
}

Result<void> erase(SqliteDatabase& database, std::string_view label, std::string_view key) {
  auto statement = TRY(keyed(database, kDelete, label, key));
  TRY(statement->step());
  return {};
}

Result<int64_t> add(SqliteDatabase& database, std::string_view label, std::string_view key,
                    int64_t delta) {
  auto current = TRY(read(database, label, key));
  uint64_t number = 0;
  if (current) {
    if (current->size() != sizeof number) {
      return Error::invalid_input(fmt::format(
          "cannot increment a value of {} bytes, expected an 8-byte integer", current->size()));
    }
    std::memcpy(&number, current->data(), sizeof number);
  }
  // Wraps around, as integer arithmetic of the original does in release builds.
  number += static_cast<uint64_t>(delta);
  std::array<uint8_t, sizeof number> bytes;
  std::memcpy(bytes.data(), &number, sizeof number);
  TRY(write(database, label, key, bytes));
  return static_cast<int64_t>(number);
}

Result<SwapOutcome> swap_if(SqliteDatabase& database, std::string_view label, std::string_view key,
                            const std::optional<KeyValueBytes>& expected,
                            const KeyValueBytes& value) {
  if (!expected) {
    TRY(write(database, label, key, value));
    return SwapOutcome::Swapped;
  }
  auto update = TRY(keyed(database, kUpdateIfEqual, label, key));
  TRY(update->bind(3, std::span<const uint8_t>(value)));
  TRY(update->bind(4, std::span<const uint8_t>(*expected)));
  TRY(update->step());
  return database.changes() == 1 ? SwapOutcome::Swapped : SwapOutcome::Changed;
}

}  // namespace

class SqliteKeyValueStore final : public KeyValueStore {
 public:
  SqliteKeyValueStore(std::shared_ptr<SqliteKeyValueFile> file, std::string label)
      : file_(std::move(file)), label_(std::move(label)) {}

  io::Eventual<std::optional<KeyValueBytes>> get(io::EventLoop& loop, std::string key) override {
    TRY(check_key(key));
    return reading<std::optional<KeyValueBytes>>(
        loop, [label = label_, key = std::move(key)](SqliteDatabase& database) {
          return read(database, label, key);
        });
  }

  io::Eventual<bool> exists(io::EventLoop& loop, std::string key) override {
    TRY(check_key(key));
    return reading<bool>(
        loop, [label = label_, key = std::move(key)](SqliteDatabase& database) -> Result<bool> {
          auto statement = TRY(keyed(database, kExists, label, key));
          return TRY(statement->step());
        });
  }

  io::Eventual<std::vector<std::string>> keys(io::EventLoop& loop) override {
    return reading<std::vector<std::string>>(
        loop, [label = label_](SqliteDatabase& database) -> Result<std::vector<std::string>> {
          auto statement = TRY(database.prepared(kKeys));
          TRY(statement->bind(1, std::string_view(label)));
          std::vector<std::string> found;
          size_t total = 0;
          while (TRY(statement->step())) {
            TRY(add_to_result(statement->text(0).size(), total));
            found.emplace_back(statement->text(0));
          }
          return found;
        });
  }

  io::Eventual<std::vector<KeyValuePair>> get_many(io::EventLoop& loop,
                                                   std::vector<std::string> keys) override {
    for (const auto& key : keys) TRY(check_key(key));
    return reading<std::vector<KeyValuePair>>(
        loop,
        [label = label_,
         keys = std::move(keys)](SqliteDatabase& database) -> Result<std::vector<KeyValuePair>> {
          std::vector<KeyValuePair> pairs;
          size_t total = 0;
          for (const auto& key : keys) {
            auto value = TRY(read(database, label, key));
            if (!value) continue;
            TRY(add_to_result(value->size(), total));
            pairs.emplace_back(key, std::move(*value));
          }
          return pairs;
        });
  }

  io::Eventual<void> set(io::EventLoop& loop, std::string key, KeyValueBytes value) override {
    TRY(check_key(key));
    TRY(check_value(value));
    return writing<void>(
        loop, [label = label_, key = std::move(key), value = std::move(value)](
                  SqliteDatabase& database) { return write(database, label, key, value); });
  }

  io::Eventual<void> remove(io::EventLoop& loop, std::string key) override {
    TRY(check_key(key));
    return writing<void>(loop, [label = label_, key = std::move(key)](SqliteDatabase& database) {
      return erase(database, label, key);
    });
  }

  io::Eventual<void> set_many(io::EventLoop& loop, std::vector<KeyValuePair> pairs) override {
    for (const auto& [key, value] : pairs) {
      TRY(check_key(key));
      TRY(check_value(value));
    }
    return writing<void>(loop,
                         [label = label_, pairs = std::move(pairs)](SqliteDatabase& database) {
                           return in_transaction(database, [&]() -> Result<void> {
                             for (const auto& [key, value] : pairs)
                               TRY(write(database, label, key, value));
                             return {};
                           });
                         });
  }

  io::Eventual<void> remove_many(io::EventLoop& loop, std::vector<std::string> keys) override {
    for (const auto& key : keys) TRY(check_key(key));
    return writing<void>(loop, [label = label_, keys = std::move(keys)](SqliteDatabase& database) {
      return in_transaction(database, [&]() -> Result<void> {
        for (const auto& key : keys) TRY(erase(database, label, key));
        return {};
      });
    });
  }

  io::Eventual<int64_t> increment(io::EventLoop& loop, std::string key, int64_t delta) override {
    TRY(check_key(key));
    return writing<int64_t>(
        loop, [label = label_, key = std::move(key), delta](SqliteDatabase& database) {
          return in_transaction(database, [&] { return add(database, label, key, delta); });
        });
  }

  io::Eventual<SwapOutcome> swap(io::EventLoop& loop, std::string key,
                                 std::optional<KeyValueBytes> expected,
                                 KeyValueBytes value) override {
    TRY(check_key(key));
    TRY(check_value(value));
    return writing<SwapOutcome>(
        loop, [label = label_, key = std::move(key), expected = std::move(expected),
               value = std::move(value)](SqliteDatabase& database) {
          return swap_if(database, label, key, expected, value);
        });
  }

 private:
  template <typename T, typename F>
  io::Eventual<T> reading(io::EventLoop& loop, F action) {
    std::unique_lock lock(file_->mutex_, std::try_to_lock);
    // The first use opens the file, which the pool does.
    if (!lock.owns_lock() || (!file_->database_ && file_->path_)) {
      return on_pool<T, F>(loop, file_, std::move(action));
    }
    auto* database = TRY(file_->database());
    return action(*database);
  }

  template <typename T, typename F>
  io::Eventual<T> writing(io::EventLoop& loop, F action) {
    if (file_->path_) return on_pool<T, F>(loop, file_, std::move(action));
    std::lock_guard lock(file_->mutex_);
    auto* database = TRY(file_->database());
    return action(*database);
  }

  template <typename T, typename F>
  static io::Task<Result<T>> on_pool(io::EventLoop& loop, std::shared_ptr<SqliteKeyValueFile> file,
                                     F action) {
    auto run = [&]() -> Result<T> {
      std::lock_guard lock(file->mutex_);
      auto* database = TRY(file->database());
      return action(*database);
    };
    auto work = io::run_blocking(loop, file->pool_, std::move(run));
    auto result = co_await std::move(work);
    co_return result;
  }

  std::shared_ptr<SqliteKeyValueFile> file_;
  std::string label_;
};

std::shared_ptr<SqliteKeyValueFile> SqliteKeyValueFile::create(
    std::optional<std::filesystem::path> path, io::BlockingPool& pool) {
  return std::shared_ptr<SqliteKeyValueFile>(new SqliteKeyValueFile(std::move(path), pool));
}

std::shared_ptr<KeyValueStore> SqliteKeyValueFile::store(std::string label) {
  return std::make_shared<SqliteKeyValueStore>(shared_from_this(), std::move(label));
}

Result<SqliteDatabase*> SqliteKeyValueFile::database() {
  if (database_) return &*database_;
  if (path_ && path_->has_parent_path()) {
    std::error_code code;
    std::filesystem::create_directories(path_->parent_path(), code);
    if (code) {
      return Error::unavailable(fmt::format("creating directory `{}`: {}",
                                            path_->parent_path().string(), code.message()));
    }
  }
  auto opened = path_ ? SqliteDatabase::open(path_->string()) : SqliteDatabase::open_in_memory();
  auto database = TRY(std::move(opened));
  TRY(database.execute(std::string(kSchema)));
  database_.emplace(std::move(database));
  return &*database_;
}

Result<void> SqliteKeyValueFile::set_now(const std::string& label, const std::string& key,
                                         KeyValueBytes value) {
  TRY(check_key(key));
  TRY(check_value(value));
  std::lock_guard lock(mutex_);
  auto* opened = TRY(database());
  return write(*opened, label, key, value);
}

}  // namespace spindle::host
