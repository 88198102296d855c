#pragma once

// spin:sqlite/sqlite@3.1.0 (and 3.0.0), fermyon:spin/sqlite@2.0.0, and the unversioned
// fermyon:spin/sqlite.
//
// Works:   every function of all. Each `open` is a connection of its own, made when its first
//          statement runs; a label that the component does not list is `access-denied`. `execute`
//          runs the first statement of its text; what SQLite refuses is `io` with SQLite's words.
//          `execute-async` brings rows as the guest reads them; its failures come with the future.
// Refused: more than kOpenConnectionsMax connections of an instance; ATTACH of files, unless the
//          operator allows it; results, rows and statements beyond the limits of
//          guest_connection.h; text that is not UTF-8.
// Differs: a full database is `database-full`, where Spin answers `io`. Files have a write-ahead
//          log. A statement that runs for too long is interrupted, where Spin lets it run on, and
//          so is one whose call the guest drops. PRAGMAs that reach beyond the database (cache and
//          heap sizes, memory mapping, temporary directories, busy_timeout) do nothing.

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "bindings/fermyon/spin/sqlite.h"
#include "bindings/fermyon/spin_2/sqlite.h"
#include "bindings/spin/sqlite_3/sqlite.h"
#include "component/host/resource.h"
#include "host/sqlite/statements.h"

namespace spindle::host {

namespace sqlite_1 = bindings::fermyon::spin::sqlite;
namespace sqlite_2 = bindings::fermyon::spin_2::sqlite;
namespace sqlite_3 = bindings::spin::sqlite_3::sqlite;

// The connection resources; handles of one interface are not handles of another.
class SqliteConnection final : public component::HostResource {
 public:
  explicit SqliteConnection(OpenDatabases::Opened opened) : open(std::move(opened)) {}
  OpenConnection open;
};

class AsyncSqliteConnection final : public component::HostResource {
 public:
  explicit AsyncSqliteConnection(OpenDatabases::Opened opened) : open(std::move(opened)) {}
  OpenConnection open;
};

class SpinSqlite final : public sqlite_2::Host {
 public:
  explicit SpinSqlite(OpenDatabases& databases) : databases_(databases) {}
  using Failure = sqlite_2::Error;

  Result<std::expected<std::unique_ptr<SqliteConnection>, Failure>> connection_open(
      std::string_view database) override;
  io::Eventual<std::expected<sqlite_2::QueryResult, Failure>> connection_execute(
      SqliteConnection& self, std::string_view statement,
      const std::vector<sqlite_2::ValueView>& parameters) override;

 private:
  OpenDatabases& databases_;
};

class SpinSqliteV3 final : public sqlite_3::Host {
 public:
  explicit SpinSqliteV3(OpenDatabases& databases) : databases_(databases) {}
  using Failure = sqlite_3::Error;
  using Connection = AsyncSqliteConnection;
  using Parameters = std::vector<sqlite_3::ValueView>;
  using Opened = std::expected<std::unique_ptr<Connection>, Failure>;
  using Rows = std::tuple<std::vector<std::string>, component::Stream<sqlite_3::RowResult>,
                          component::Future<std::expected<void, Failure>>>;

  Result<Opened> connection_open(std::string_view database) override;
  io::Eventual<Opened> connection_open_async(std::string_view database) override;
  io::Eventual<std::expected<sqlite_3::QueryResult, Failure>> connection_execute(
      Connection& self, std::string_view statement, const Parameters& parameters) override;
  io::Eventual<std::expected<Rows, Failure>> connection_execute_async(
      Connection& self, std::string_view statement, const Parameters& parameters) override;
  Result<int64_t> connection_last_insert_rowid(Connection& self) override;
  io::Eventual<int64_t> connection_last_insert_rowid_async(Connection& self) override;
  Result<uint64_t> connection_changes(Connection& self) override;
  io::Eventual<uint64_t> connection_changes_async(Connection& self) override;

 private:
  OpenDatabases& databases_;
};

// Handles are numbers that this class gives out itself.
class SpinSqliteV1 final : public sqlite_1::Host {
 public:
  explicit SpinSqliteV1(OpenDatabases& databases) : databases_(databases) {}
  using Failure = sqlite_1::Error;

  Result<std::expected<uint32_t, Failure>> open(std::string_view database) override;
  io::Eventual<std::expected<sqlite_1::QueryResult, Failure>> execute(
      uint32_t conn, std::string_view statement,
      const std::vector<sqlite_1::ValueView>& parameters) override;
  Result<void> close(uint32_t conn) override;

 private:
  OpenDatabases& databases_;
  std::vector<std::unique_ptr<OpenConnection>> slots_;
};

}  // namespace spindle::host
