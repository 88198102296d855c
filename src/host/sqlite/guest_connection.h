#pragma once

// GuestConnection: one SQLite connection whose statements are written by a guest.
//
//   auto connection = TRY(GuestConnection::open(file));
//   GuestConnection::Watch watch(*connection, call.stop);     // while something runs
//   auto query = TRY(connection->prepare("SELECT ?1", parameters));
//   while (!query->is_ended()) use(TRY(query->next(rows, limits)));
//
// All calls block; a connection and its queries belong to one thread at a time. Statements are
// hostile: they may not attach files, reach settings of the process, run for longer than
// kStatementTime, hold more than kConnectionBytesMax of pages in memory, or go on when the flag of
// their Watch is set. What cannot be interrupted is one call of an SQL function.
//
// Foreign keys are enforced, as Spin's build of SQLite does. Files use a write-ahead log, so that
// readers and writers of different requests do not wait for each other.

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "host/sqlite/sql_value.h"

struct sqlite3;
struct sqlite3_stmt;

namespace spindle::host {

// Values in bytes, on whatever is kept for a guest at once.
inline constexpr uint64_t kSqlResultBytesMax = uint64_t{128} << 20;
inline constexpr int kSqlValueBytesMax = 128 << 20;
inline constexpr int kSqlTextBytesMax = 16 << 20;
inline constexpr int kSqlPatternBytesMax = 4096;
// Of one connection: cached pages, databases in memory.
inline constexpr int64_t kConnectionBytesMax = int64_t{128} << 20;
// Of all connections of the process together.
inline constexpr int64_t kSqliteHeapBytesMax = int64_t{1} << 30;
// On a thread; time in which the guest reads rows does not count.
inline constexpr std::chrono::seconds kStatementTime{60};
// Waiting for the locks of others.
inline constexpr std::chrono::milliseconds kLockTime{5'000};

enum class Attach : uint8_t { OnlyMemory, Files };

// A database as the operator defined it.
struct DatabaseFile {
  // None: each connection is an empty database of its own.
  std::optional<std::filesystem::path> path;
  Attach attach = Attach::OnlyMemory;

  // Held open after the first use, so that the last guest that leaves does not write the log back.
  std::mutex mutex;
  std::shared_ptr<sqlite3> anchor;
};

class Query;

class GuestConnection {
 public:
  // Creates the file and its directory when they are missing.
  static Result<std::unique_ptr<GuestConnection>> open(DatabaseFile& file);
  ~GuestConnection();
  GuestConnection(const GuestConnection&) = delete;
  GuestConnection& operator=(const GuestConnection&) = delete;

  // The first statement of the text, with all its parameters. The query ends before the connection.
  Result<std::unique_ptr<Query>> prepare(std::string_view statement,
                                         std::vector<SqlValue> parameters);
  // All statements of the text, without results.
  Result<void> run_script(const std::string& script);
  int64_t last_insert_rowid() const;
  uint64_t changes() const;

  // While it lives, statements of the connection end when `stop` is set.
  class Watch {
   public:
    Watch(GuestConnection& connection, const std::atomic<bool>& stop);
    ~Watch() { connection_.stop_ = nullptr; }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    GuestConnection& connection_;
  };

  // Tests shorten it.
  void set_statement_time(std::chrono::milliseconds time) { statement_time_ = time; }

 private:
  friend class Query;
  enum class Ended : uint8_t { No, Stopped, TooLong, TooLarge };
  struct Closer {
    void operator()(sqlite3* connection) const;
  };

  GuestConnection() = default;
  Result<void> connect(const DatabaseFile& file);
  void harden();
  bool should_end();
  Error failure() const;
  static int on_progress(void* self);
  static int on_busy(void* self, int count);
  static int authorize(void* self, int action, const char* first, const char* second, const char*,
                       const char*);

  std::unique_ptr<sqlite3, Closer> connection_;
  Attach attach_ = Attach::OnlyMemory;
  const std::atomic<bool>* stop_ = nullptr;
  std::chrono::milliseconds statement_time_ = kStatementTime;
  std::chrono::steady_clock::time_point ends_at_;
  uint32_t progress_count_ = 0;
  Ended ended_ = Ended::No;
};

// How much one call of Query::next may bring.
struct RowLimits {
  size_t rows = SIZE_MAX;
  // The call ends after the row that reaches it.
  uint64_t enough_bytes = UINT64_MAX;
  // More is an error.
  uint64_t bytes_max = kSqlResultBytesMax;
};

// A statement that runs.
class Query {
 public:
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  std::vector<std::string> columns() const;
  // Appends rows; those before a failure stay.
  Result<void> next(std::vector<SqlRow>& rows, const RowLimits& limits);
  bool is_ended() const { return is_ended_; }

 private:
  friend class GuestConnection;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  Query(GuestConnection& connection, std::vector<SqlValue> parameters, sqlite3_stmt* statement)
      : connection_(connection), parameters_(std::move(parameters)), statement_(statement) {}
  Result<void> bind();
  Result<SqlRow> row(uint64_t& bytes, uint64_t bytes_max) const;
  Result<SqlValue> value(int column, uint64_t& bytes, uint64_t bytes_max) const;

  GuestConnection& connection_;
  // The statement refers to them.
  const std::vector<SqlValue> parameters_;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  std::chrono::nanoseconds used_{0};
  bool is_ended_ = false;
};

}  // namespace spindle::host
