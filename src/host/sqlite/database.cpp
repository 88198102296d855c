#include "host/sqlite/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace spindle::host {
namespace {

// How long a statement waits for another process that holds the file's lock.
constexpr int kBusyTimeoutMs = 5'000;

Error sqlite_failure(sqlite3* connection, std::string_view action) {
  int code = connection == nullptr ? SQLITE_NOMEM : sqlite3_errcode(connection);
  const char* message = connection == nullptr ? "out of memory" : sqlite3_errmsg(connection);
  auto kind = code == SQLITE_FULL ? ErrorKind::LimitExceeded : ErrorKind::Unavailable;
  return {kind, fmt::format("{}: {}", action, message)};
}

}  // namespace

void SqliteStatement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void SqliteDatabase::Closer::operator()(sqlite3* connection) const {
  sqlite3_close(connection);
}

Error SqliteStatement::failure(std::string_view action) const {
  return sqlite_failure(sqlite3_db_handle(statement_.get()), action);
}

Result<void> SqliteStatement::bind(int index, std::string_view text) {
  int code = sqlite3_bind_text64(statement_.get(), index, text.data() == nullptr ? "" : text.data(),
                                 text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) return failure("binding a text parameter");
  return {};
}

Result<void> SqliteStatement::bind(int index, std::span<const uint8_t> blob) {
  // A null pointer would bind NULL instead of an empty blob.
  static constexpr uint8_t kEmpty = 0;
  int code = sqlite3_bind_blob64(statement_.get(), index, blob.empty() ? &kEmpty : blob.data(),
                                 blob.size(), SQLITE_STATIC);
  if (code != SQLITE_OK) return failure("binding a blob parameter");
  return {};
}

Result<void> SqliteStatement::bind(int index, int64_t number) {
  if (sqlite3_bind_int64(statement_.get(), index, number) != SQLITE_OK) {
    return failure("binding an integer parameter");
  }
  return {};
}

Result<bool> SqliteStatement::step() {
  int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure("running a statement");
}

std::string_view SqliteStatement::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_.get(), column);
  auto size = static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column));
  return {reinterpret_cast<const char*>(bytes), bytes == nullptr ? 0 : size};
}

std::span<const uint8_t> SqliteStatement::blob(int column) const {
  const auto* bytes = sqlite3_column_blob(statement_.get(), column);
  auto size = static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column));
  return {static_cast<const uint8_t*>(bytes), bytes == nullptr ? 0 : size};
}

int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

void SqliteStatement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

Result<SqliteDatabase> SqliteDatabase::open_with(const std::string& path, int flags) {
  sqlite3* connection = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &connection, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  SqliteDatabase database(connection);
  if (code != SQLITE_OK) {
    return sqlite_failure(connection, fmt::format("opening database `{}`", path));
  }
  sqlite3_busy_timeout(connection, kBusyTimeoutMs);
  return database;
}

Result<SqliteDatabase> SqliteDatabase::open(const std::string& path) {
  return open_with(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

Result<SqliteDatabase> SqliteDatabase::open_in_memory() {
  return open_with(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY);
}

Result<void> SqliteDatabase::execute(const std::string& script) {
  if (sqlite3_exec(connection_.get(), script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return sqlite_failure(connection_.get(), "running a statement");
  }
  return {};
}

Result<ActiveStatement> SqliteDatabase::prepared(std::string_view text) {
  auto known = statements_.find(std::string(text));
  if (known != statements_.end()) return ActiveStatement(&known->second);
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v3(connection_.get(), text.data(), static_cast<int>(text.size()),
                                SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return sqlite_failure(connection_.get(), "preparing a statement");
  auto added = statements_.emplace(std::string(text), SqliteStatement(statement));
  return ActiveStatement(&added.first->second);
}

int64_t SqliteDatabase::changes() const {
  return sqlite3_changes64(connection_.get());
}

}  // namespace spindle::host
