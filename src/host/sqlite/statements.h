#pragma once

// Statements of guests as calls: all rows at once, or a first batch and then more as they are read.
//
// The first batch is fetched with the call, so that a statement that changes the database does so
// whether or not somebody reads. Calls start when they are made; a task that is dropped before its
// end interrupts its statement.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/sqlite/databases.h"
#include "host/sqlite/session.h"
#include "io/eventual.h"

namespace spindle::host {

// A batch ends with the row that reaches either.
inline constexpr size_t kBatchRows = 128;
inline constexpr uint64_t kBatchBytes = 256 << 10;

// What the last statement that ended left behind.
struct SqlCounters {
  int64_t last_insert_rowid = 0;
  uint64_t changes = 0;
};

// A guest's connection, whatever interface it came by. Calls may outlive it, and so its counters.
struct OpenConnection {
  explicit OpenConnection(OpenDatabases::Opened opened) : database(std::move(opened)) {}

  SqliteSession& session() const { return *database.session.get(); }

  OpenDatabases::Opened database;
  std::shared_ptr<SqlCounters> counters = std::make_shared<SqlCounters>();
};

struct SqlStatement {
  std::string text;
  std::vector<SqlValue> parameters;
};

struct SqlResult {
  std::vector<std::string> columns;
  std::vector<SqlRow> rows;
  SqlCounters counters;
};

struct SqlBatch {
  std::vector<SqlRow> rows;
  bool is_ended = false;
  // After the rows; ends the statement, too.
  std::optional<Error> failure;
  SqlCounters counters;
};

// A statement whose rows follow the first batch, unless that has ended it.
struct SqlStarted {
  std::vector<std::string> columns;
  SqlBatch first;
  QueryHandle query;
};

using BatchCall = SqlCall<SqlBatch>;

io::Eventual<SqlResult> execute_all(io::EventLoop& loop, const OpenConnection& connection,
                                    SqlStatement statement);
io::Eventual<SqlStarted> start_rows(io::EventLoop& loop, const OpenConnection& connection,
                                    SqlStatement statement);
// The next batch; `query` has not ended.
std::unique_ptr<BatchCall> fetch_rows(io::EventLoop& loop, const QueryHandle& query);

}  // namespace spindle::host
