#pragma once

// SqliteDatabase: one connection to an embedded database file, or to one in memory.
//
// A connection belongs to one thread at a time; who shares it holds a lock. Statements are prepared
// once and kept for the connection's life through `prepared()`, keyed by their text. Every failure
// is an Error of kind Unavailable (or LimitExceeded when the disk is full) with SQLite's own words.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace spindle::host {

class SqliteStatement {
 public:
  // Parameters count from 1. Views must stay valid until the next reset.
  Result<void> bind(int index, std::string_view text);
  Result<void> bind(int index, std::span<const uint8_t> blob);
  Result<void> bind(int index, int64_t number);

  // True when there is a row, false at the end.
  Result<bool> step();
  // Columns count from 0; views are valid until the next step.
  std::string_view text(int column) const;
  std::span<const uint8_t> blob(int column) const;
  int64_t integer(int column) const;
  void reset();

 private:
  friend class SqliteDatabase;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}
  Error failure(std::string_view action) const;

  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

// A statement in use: resets it (which gives up its lock on the file) when the use ends.
struct SqliteStatementReset {
  void operator()(SqliteStatement* statement) const { statement->reset(); }
};
using ActiveStatement = std::unique_ptr<SqliteStatement, SqliteStatementReset>;

class SqliteDatabase {
 public:
  // Creates the file when it is missing; its directory must exist.
  static Result<SqliteDatabase> open(const std::string& path);
  static Result<SqliteDatabase> open_in_memory();

  // Runs statements without results.
  Result<void> execute(const std::string& script);
  // The statement of that text, without bindings; one use at a time.
  Result<ActiveStatement> prepared(std::string_view text);
  // Rows that the last INSERT, UPDATE or DELETE touched.
  int64_t changes() const;

 private:
  struct Closer {
    void operator()(sqlite3* connection) const;
  };
  explicit SqliteDatabase(sqlite3* connection) : connection_(connection) {}
  static Result<SqliteDatabase> open_with(const std::string& path, int flags);

  std::unique_ptr<sqlite3, Closer> connection_;
  // Below the connection, so that statements are finalized before it closes.
  std::unordered_map<std::string, SqliteStatement> statements_;
};

// Runs `body` between BEGIN IMMEDIATE and COMMIT; rolls back when it fails.
template <typename F>
auto in_transaction(SqliteDatabase& database, F&& body) -> decltype(body()) {
  TRY(database.execute("BEGIN IMMEDIATE"));
  auto result = body();
  auto ended = database.execute(result.has_value() ? "COMMIT" : "ROLLBACK");
  if (result.has_value() && !ended.has_value()) return ended.take_error();
  return result;
}

}  // namespace spindle::host
