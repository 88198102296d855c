#include "host/sqlite/guest_connection.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <thread>

#include "base/utf8.h"

namespace spindle::host {
namespace {

// Between two questions whether to go on: some ten microseconds.
constexpr int kStepsPerQuestion = 1000;
// Memory is looked at less often than the clock.
constexpr uint32_t kQuestionsPerMeasure = 16;

// These change the whole process, or take the connection out of its limits.
constexpr std::array<std::string_view, 10> kIgnoredPragmas = {
    "busy_timeout",       "cache_size",      "data_store_directory",
    "default_cache_size", "hard_heap_limit", "max_page_count",
    "mmap_size",          "soft_heap_limit", "temp_store_directory",
    "temp_store"};

void limit_heap() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_hard_heap_limit64(kSqliteHeapBytesMax); });
}

// SQLite's own words, as Spin gives them to guests.
Error error_of(sqlite3* connection) {
  if (connection == nullptr) return Error::unavailable("out of memory");
  const bool is_full = sqlite3_errcode(connection) == SQLITE_FULL;
  return {is_full ? ErrorKind::LimitExceeded : ErrorKind::Unavailable, sqlite3_errmsg(connection)};
}

Error too_large() {
  return Error::unavailable(
      fmt::format("query result exceeds limit of {} bytes", kSqlResultBytesMax));
}

Result<std::shared_ptr<sqlite3>> connect_to(const std::string& path) {
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
  std::shared_ptr<sqlite3> connection(opened, &sqlite3_close);
  if (code == SQLITE_OK) return connection;
  return Error::unavailable(fmt::format("{}: {}", path, error_of(opened).message()));
}

// Once per file; the lock of the file is held.
Result<void> drop_anchor(DatabaseFile& file) {
  if (file.path->has_parent_path()) {
    std::error_code code;
    std::filesystem::create_directories(file.path->parent_path(), code);
    if (code) {
      return Error::unavailable(fmt::format("creating directory `{}`: {}",
                                            file.path->parent_path().string(), code.message()));
    }
  }
  auto anchor = TRY(connect_to(file.path->string()));
  sqlite3_busy_timeout(anchor.get(), static_cast<int>(kLockTime.count()));
  // A file system that cannot have a write-ahead log keeps the rollback journal.
  sqlite3_exec(anchor.get(), "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
  file.anchor = std::move(anchor);
  return {};
}

int64_t page_bytes(sqlite3* connection) {
  int now = 0;
  int ignored = 0;
  sqlite3_db_status(connection, SQLITE_DBSTATUS_CACHE_USED, &now, &ignored, 0);
  return now;
}

}  // namespace

void GuestConnection::Closer::operator()(sqlite3* connection) const {
  sqlite3_close(connection);
}

GuestConnection::~GuestConnection() = default;

Result<std::unique_ptr<GuestConnection>> GuestConnection::open(DatabaseFile& file) {
  limit_heap();
  if (file.path) {
    std::lock_guard lock(file.mutex);
    if (file.anchor == nullptr) TRY(drop_anchor(file));
  }
  std::unique_ptr<GuestConnection> made(new GuestConnection);
  TRY(made->connect(file));
  made->harden();
  return made;
}

Result<void> GuestConnection::connect(const DatabaseFile& file) {
  attach_ = file.attach;
  sqlite3* opened = nullptr;
  const std::string path = file.path ? file.path->string() : ":memory:";
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
  connection_.reset(opened);
  if (code != SQLITE_OK) return failure();
  return {};
}

void GuestConnection::harden() {
  sqlite3* connection = connection_.get();
  sqlite3_extended_result_codes(connection, 0);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, kSqlValueBytesMax);
  sqlite3_limit(connection, SQLITE_LIMIT_SQL_LENGTH, kSqlTextBytesMax);
  sqlite3_limit(connection, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, kSqlPatternBytesMax);
  sqlite3_limit(connection, SQLITE_LIMIT_WORKER_THREADS, 0);
  sqlite3_set_authorizer(connection, &authorize, this);
  sqlite3_busy_handler(connection, &on_busy, this);
  sqlite3_progress_handler(connection, kStepsPerQuestion, &on_progress, this);
}

int GuestConnection::authorize(void* self, int action, const char* first, const char* second,
                               const char*, const char*) {
  if (action == SQLITE_ATTACH) {
    if (static_cast<GuestConnection*>(self)->attach_ == Attach::Files) return SQLITE_OK;
    // Nothing is known of a name that is an expression.
    if (first == nullptr) return SQLITE_DENY;
    const std::string_view name = first;
    return name.empty() || name == ":memory:" ? SQLITE_OK : SQLITE_DENY;
  }
  if (action == SQLITE_PRAGMA && second != nullptr && first != nullptr) {
    const auto is_named = [first](std::string_view name) {
      return sqlite3_stricmp(first, std::string(name).c_str()) == 0;
    };
    return std::ranges::any_of(kIgnoredPragmas, is_named) ? SQLITE_IGNORE : SQLITE_OK;
  }
  return SQLITE_OK;
}

GuestConnection::Watch::Watch(GuestConnection& connection, const std::atomic<bool>& stop)
    : connection_(connection) {
  connection.stop_ = &stop;
  connection.ends_at_ = std::chrono::steady_clock::now() + connection.statement_time_;
  connection.ended_ = Ended::No;
}

bool GuestConnection::should_end() {
  if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) {
    ended_ = Ended::Stopped;
  } else if (std::chrono::steady_clock::now() >= ends_at_) {
    ended_ = Ended::TooLong;
  } else if (++progress_count_ % kQuestionsPerMeasure == 0 &&
             page_bytes(connection_.get()) > kConnectionBytesMax) {
    ended_ = Ended::TooLarge;
  }
  return ended_ != Ended::No;
}

int GuestConnection::on_progress(void* self) {
  return static_cast<GuestConnection*>(self)->should_end() ? 1 : 0;
}

int GuestConnection::on_busy(void* self, int count) {
  static constexpr std::chrono::milliseconds kPause{5};
  if (static_cast<GuestConnection*>(self)->should_end() || count * kPause >= kLockTime) return 0;
  std::this_thread::sleep_for(count == 0 ? std::chrono::milliseconds{1} : kPause);
  return 1;
}

Error GuestConnection::failure() const {
  switch (ended_) {
    case Ended::No: return error_of(connection_.get());
    case Ended::Stopped: return Error::canceled("the call ended before its statement");
    case Ended::TooLong:
      return Error::timeout(fmt::format("a statement may run for {} s", kStatementTime.count()));
    case Ended::TooLarge: break;
  }
  return Error::unavailable(
      fmt::format("a connection may hold {} bytes in memory", kConnectionBytesMax));
}

Result<std::unique_ptr<Query>> GuestConnection::prepare(std::string_view statement,
                                                        std::vector<SqlValue> parameters) {
  if (statement.size() > static_cast<size_t>(kSqlTextBytesMax)) {
    return Error::unavailable(fmt::format("a statement of {} bytes, at most {} are allowed",
                                          statement.size(), kSqlTextBytesMax));
  }
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v2(connection_.get(), statement.data(),
                                      static_cast<int>(statement.size()), &made, nullptr);
  if (code != SQLITE_OK) return failure();
  if (made == nullptr) return Error::unavailable("the statement is empty");
  std::unique_ptr<Query> query(new Query(*this, std::move(parameters), made));
  TRY(query->bind());
  return query;
}

Result<void> GuestConnection::run_script(const std::string& script) {
  const std::atomic<bool> never{false};
  const Watch watch(*this, never);
  if (sqlite3_exec(connection_.get(), script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return failure();
  }
  return {};
}

int64_t GuestConnection::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(connection_.get());
}

uint64_t GuestConnection::changes() const {
  return static_cast<uint64_t>(sqlite3_changes64(connection_.get()));
}

Query::~Query() = default;

void Query::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Result<void> Query::bind() {
  const auto expected = static_cast<size_t>(sqlite3_bind_parameter_count(statement_.get()));
  if (parameters_.size() != expected) {
    return Error::unavailable(
        fmt::format("Wrong number of parameters passed to query. Got {}, needed {}",
                    parameters_.size(), expected));
  }
  struct Binder {
    sqlite3_stmt* statement;
    int index;
    int operator()(SqlNull) const { return sqlite3_bind_null(statement, index); }
    int operator()(int64_t number) const { return sqlite3_bind_int64(statement, index, number); }
    int operator()(double number) const { return sqlite3_bind_double(statement, index, number); }
    int operator()(const std::string& text) const {
      return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
    int operator()(const SqlBlob& blob) const {
      if (blob.empty()) return sqlite3_bind_zeroblob(statement, index, 0);
      return sqlite3_bind_blob64(statement, index, blob.data(), blob.size(), SQLITE_STATIC);
    }
  };
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const Binder binder{statement_.get(), static_cast<int>(i + 1)};
    if (std::visit(binder, parameters_[i]) != SQLITE_OK) return connection_.failure();
  }
  return {};
}

std::vector<std::string> Query::columns() const {
  std::vector<std::string> names;
  const int count = sqlite3_column_count(statement_.get());
  for (int column = 0; column < count; ++column) {
    const char* name = sqlite3_column_name(statement_.get(), column);
    names.emplace_back(name == nullptr ? "" : name);
  }
  return names;
}

Result<void> Query::next(std::vector<SqlRow>& rows, const RowLimits& limits) {
  const auto began = std::chrono::steady_clock::now();
  connection_.ends_at_ = began + connection_.statement_time_ - used_;
  uint64_t bytes = 0;
  for (size_t count = 0; count < limits.rows && bytes < limits.enough_bytes; ++count) {
    const int code = sqlite3_step(statement_.get());
    if (code != SQLITE_ROW) {
      is_ended_ = true;
      // Gives up its lock on the file.
      Error error = connection_.failure();
      sqlite3_reset(statement_.get());
      if (code != SQLITE_DONE) return error;
      break;
    }
    auto got = row(bytes, limits.bytes_max);
    if (!got.has_value()) {
      is_ended_ = true;
      sqlite3_reset(statement_.get());
      return got.take_error();
    }
    rows.push_back(got.take_value());
  }
  used_ += std::chrono::steady_clock::now() - began;
  return {};
}

Result<SqlRow> Query::row(uint64_t& bytes, uint64_t bytes_max) const {
  const int count = sqlite3_data_count(statement_.get());
  SqlRow made;
  made.reserve(static_cast<size_t>(count));
  bytes += sizeof(SqlRow);
  for (int column = 0; column < count; ++column) {
    auto got = TRY(value(column, bytes, bytes_max));
    made.push_back(std::move(got));
  }
  return made;
}

Result<SqlValue> Query::value(int column, uint64_t& bytes, uint64_t bytes_max) const {
  sqlite3_stmt* statement = statement_.get();
  bytes += sizeof(SqlValue);
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return SqlValue(int64_t{sqlite3_column_int64(statement, column)});
    case SQLITE_FLOAT: return SqlValue(sqlite3_column_double(statement, column));
    case SQLITE_NULL: return SqlValue();
    default: break;
  }
  const bool is_text = sqlite3_column_type(statement, column) == SQLITE_TEXT;
  // Asked first: a blob of zeros takes no memory until it is looked at.
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
  bytes += size;
  if (bytes > bytes_max) return too_large();
  const void* data =
      is_text ? sqlite3_column_text(statement, column) : sqlite3_column_blob(statement, column);
  if (data == nullptr && size > 0) return Error::unavailable("out of memory");
  const auto* begin = static_cast<const uint8_t*>(data);
  if (!is_text) return SqlValue(SqlBlob(begin, begin + size));
  const std::string_view text(reinterpret_cast<const char*>(begin), size);
  if (!is_valid_utf8(text)) {
    return Error::unavailable(
        fmt::format("the text in column {} is not valid UTF-8",
                    std::string_view(sqlite3_column_name(statement, column))));
  }
  return SqlValue(std::string(text));
}

}  // namespace spindle::host
