#include "host/sqlite/guest_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/testing.h"

namespace spindle::host {
namespace {

using ::testing::ElementsAre;

using Rows = std::vector<SqlRow>;

const std::string kEndless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

struct Connection {
  explicit Connection(Attach attach = Attach::OnlyMemory) { file.attach = attach; }

  GuestConnection& open() {
    if (connection == nullptr) connection = GuestConnection::open(file).value();
    return *connection;
  }
  // All rows of one statement.
  Result<Rows> run(std::string_view statement, std::vector<SqlValue> parameters = {},
                   RowLimits limits = {}) {
    const GuestConnection::Watch watch(open(), stop);
    auto query = TRY(open().prepare(statement, std::move(parameters)));
    Rows rows;
    TRY(query->next(rows, limits));
    return rows;
  }
  std::string failure(std::string_view statement, std::vector<SqlValue> parameters = {}) {
    auto result = run(statement, std::move(parameters));
    return result.has_value() ? "" : result.error().to_string();
  }

  DatabaseFile file;
  std::atomic<bool> stop{false};
  std::unique_ptr<GuestConnection> connection;
};

TEST(GuestConnection, BringsEveryStorageClassBack) {
  Connection c;
  const std::vector<SqlValue> values = {
      int64_t{-5}, 0.25, "text \u2713", SqlBlob{0, 255}, SqlNull(), SqlBlob{}, ""};
  EXPECT_THAT(c.run("SELECT ?, ?, ?, ?, ?, ?, ?", values).value(), ElementsAre(values));
}

TEST(GuestConnection, BindsByNumberAndName) {
  Connection c;
  const SqlRow expected = {int64_t{2}, int64_t{1}};
  EXPECT_THAT(c.run("SELECT ?2, ?1", {int64_t{1}, int64_t{2}}).value(), ElementsAre(expected));
  EXPECT_THAT(c.run("SELECT :b, :a", {int64_t{2}, int64_t{1}}).value(), ElementsAre(expected));
}

TEST(GuestConnection, SaysWhatIsWrongInTheWordsOfSqlite) {
  struct Case {
    std::string statement;
    std::vector<SqlValue> parameters;
    std::string message;
  };
  const std::vector<Case> cases = {
      {"SELECT * FROM nowhere", {}, "no such table: nowhere"},
      {"SELEC 1", {}, "near \"SELEC\": syntax error"},
      {"SELECT ?", {}, "Wrong number of parameters passed to query. Got 0, needed 1"},
      {"SELECT 1", {int64_t{1}}, "Wrong number of parameters passed to query. Got 1, needed 0"},
      {"", {}, "the statement is empty"},
      {"-- only words", {}, "the statement is empty"},
      {"SELECT CAST(x'ff' AS TEXT) AS t", {}, "the text in column t is not valid UTF-8"},
      {"SELECT load_extension('x')", {}, "not authorized"},
      {"SELECT zeroblob(134217729)", {}, "string or blob too big"},
      {std::string(kSqlTextBytesMax + 1, ' '),
       {},
       "a statement of 16777217 bytes, at most 16777216 are allowed"},
  };
  for (const Case& one : cases) {
    Connection c;
    EXPECT_EQ(c.failure(one.statement, one.parameters), one.message);
  }
}

TEST(GuestConnection, RunsOnlyTheFirstStatement) {
  Connection c;
  c.run("CREATE TABLE t (a); CREATE TABLE u (a)").value();
  EXPECT_EQ(c.failure("SELECT * FROM t"), "");
  EXPECT_EQ(c.failure("SELECT * FROM u"), "no such table: u");
}

TEST(GuestConnection, EnforcesForeignKeys) {
  Connection c;
  c.open()
      .run_script(
          "CREATE TABLE a (id INTEGER PRIMARY KEY);"
          "CREATE TABLE b (a REFERENCES a (id))")
      .value();
  EXPECT_EQ(c.failure("INSERT INTO b VALUES (7)"), "FOREIGN KEY constraint failed");
}

TEST(GuestConnection, AttachesFilesOnlyWhereTheOperatorAllowsIt) {
  TempDirectory directory;
  const std::string file = directory.path("other.db");
  for (const std::string& name : {file, "file:" + file, std::string("other.db")}) {
    Connection c;
    EXPECT_EQ(c.failure("ATTACH '" + name + "' AS other"), "not authorized") << name;
    EXPECT_EQ(c.failure("VACUUM INTO '" + name + "'"), "authorization denied") << name;
  }
  Connection c;
  EXPECT_EQ(c.failure("ATTACH ? AS other", {file}), "not authorized");
  EXPECT_EQ(c.failure("ATTACH 'x' || 'y' AS other"), "not authorized");
  EXPECT_EQ(c.failure("ATTACH '' AS empty"), "");
  EXPECT_EQ(c.failure("ATTACH ':memory:' AS memory"), "");
  EXPECT_EQ(c.failure("VACUUM"), "");
  EXPECT_FALSE(std::filesystem::exists(file));

  Connection allowed(Attach::Files);
  EXPECT_EQ(allowed.failure("ATTACH '" + file + "' AS other"), "");
  EXPECT_EQ(allowed.failure("CREATE TABLE other.t (a)"), "");
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(GuestConnection, KeepsGuestsAwayFromSettingsOfTheProcess) {
  for (const std::string pragma :
       {"hard_heap_limit = 1000", "SOFT_HEAP_LIMIT = 1000", "temp_store_directory = '/nowhere'",
        "mmap_size = 1000000", "busy_timeout = 1000000", "cache_size = 1000000",
        "main.temp_store = 2", "max_page_count(4000000000)"}) {
    Connection c;
    EXPECT_EQ(c.failure("PRAGMA " + pragma), "") << pragma;
    const std::string name = pragma.substr(0, pragma.find_first_of(" ("));
    if (name == "temp_store_directory" || name == "busy_timeout") continue;
    auto now = c.run("PRAGMA " + name).value();
    if (now.empty()) continue;
    EXPECT_NE(now[0][0], SqlValue(int64_t{1000})) << pragma;
    EXPECT_NE(now[0][0], SqlValue(int64_t{1000000})) << pragma;
    EXPECT_NE(now[0][0], SqlValue(int64_t{2})) << pragma;
  }
  Connection c;
  c.run("CREATE TABLE t (a)").value();
  c.run("PRAGMA writable_schema = ON").value();
  EXPECT_EQ(c.failure("DELETE FROM sqlite_master"), "table sqlite_master may not be modified");
  EXPECT_THAT(c.run("PRAGMA user_version = 7").value(), ElementsAre());
  EXPECT_THAT(c.run("PRAGMA user_version").value(), ElementsAre(SqlRow{int64_t{7}}));
}

TEST(GuestConnection, EndsAStatementWhoseTimeIsOver) {
  Connection c;
  c.open().set_statement_time(std::chrono::milliseconds(20));
  EXPECT_EQ(c.failure(kEndless), "a statement may run for 60 s");
  EXPECT_EQ(c.failure("SELECT 1"), "");
}

TEST(GuestConnection, EndsAStatementThatIsStopped) {
  Connection c;
  c.open();
  std::thread stopper([&c] { c.stop = true; });
  auto result = c.run(kEndless);
  stopper.join();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind(), ErrorKind::Canceled);
  c.stop = false;
  EXPECT_EQ(c.failure("SELECT 1"), "");
}

TEST(GuestConnection, StopsWaitingForALock) {
  TempDirectory directory;
  Connection holder;
  holder.file.path = directory.path("a.db");
  holder.run("BEGIN IMMEDIATE").value();
  Connection waiter;
  waiter.file.path = holder.file.path;
  waiter.open();
  std::thread stopper([&waiter] { waiter.stop = true; });
  auto result = waiter.run("BEGIN IMMEDIATE");
  stopper.join();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind(), ErrorKind::Canceled);
}

TEST(GuestConnection, LimitsWhatADatabaseInMemoryHolds) {
  Connection c;
  c.run("CREATE TABLE t (a)").value();
  const std::string message = c.failure(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
      "INSERT INTO t SELECT zeroblob(4000) FROM n");
  EXPECT_EQ(message, "a connection may hold 134217728 bytes in memory");
  EXPECT_THAT(c.run("SELECT count(*) FROM t").value(), ElementsAre(SqlRow{int64_t{0}}));
}

TEST(GuestConnection, LimitsResults) {
  Connection c;
  const std::string exceeded = "query result exceeds limit of 134217728 bytes";
  EXPECT_EQ(c.failure("SELECT zeroblob(134217720)"), exceeded);
  auto small = c.run("SELECT zeroblob(100) UNION ALL SELECT zeroblob(100)", {}, {.bytes_max = 250});
  EXPECT_FALSE(small.has_value());
  EXPECT_THAT(c.run("PRAGMA hard_heap_limit").value(),
              ElementsAre(SqlRow{int64_t{kSqliteHeapBytesMax}}));
  EXPECT_EQ(c.failure("SELECT 1"), "");
}

TEST(GuestConnection, BringsRowsInBatches) {
  Connection c;
  const GuestConnection::Watch watch(c.open(), c.stop);
  auto query = c.open().prepare("SELECT value FROM json_each('[1,2,3,4,5]')", {}).value();
  EXPECT_THAT(query->columns(), ElementsAre("value"));
  Rows rows;
  query->next(rows, {.rows = 2}).value();
  EXPECT_EQ(rows.size(), 2u);
  query->next(rows, {.enough_bytes = 1}).value();
  EXPECT_EQ(rows.size(), 3u);
  EXPECT_FALSE(query->is_ended());
  query->next(rows, {}).value();
  EXPECT_EQ(rows.size(), 5u);
  EXPECT_TRUE(query->is_ended());
}

TEST(GuestConnection, KeepsTheRowsBeforeAFailure) {
  Connection c;
  c.open()
      .run_script("CREATE TABLE t (a); INSERT INTO t VALUES ('a'), (CAST(x'ff' AS TEXT))")
      .value();
  const GuestConnection::Watch watch(c.open(), c.stop);
  auto query = c.open().prepare("SELECT a FROM t", {}).value();
  Rows rows;
  EXPECT_FALSE(query->next(rows, {}).has_value());
  EXPECT_THAT(rows, ElementsAre(SqlRow{std::string("a")}));
  EXPECT_TRUE(query->is_ended());
}

TEST(GuestConnection, CountsRowsAndChanges) {
  Connection c;
  c.run("CREATE TABLE t (a)").value();
  c.run("INSERT INTO t VALUES (1), (2)").value();
  EXPECT_EQ(c.open().last_insert_rowid(), 2);
  EXPECT_EQ(c.open().changes(), 2u);
}

TEST(GuestConnection, MakesTheDirectoryOfItsFile) {
  TempDirectory directory;
  Connection c;
  c.file.path = directory.path("deep/er/a.db");
  EXPECT_EQ(c.failure("CREATE TABLE t (a)"), "");
  EXPECT_THAT(c.run("PRAGMA journal_mode").value(), ElementsAre(SqlRow{std::string("wal")}));
  Connection blocked;
  blocked.file.path = directory.path("deep/er/a.db/b/c.db");
  EXPECT_FALSE(GuestConnection::open(blocked.file).has_value());
}

}  // namespace
}  // namespace spindle::host
