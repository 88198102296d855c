#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing.h"
#include "host/sqlite/spin.h"
#include "io/cancel.h"
#include "io/event_loop.h"

namespace spindle::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using V1 = sqlite_1::Error;
using V2 = sqlite_2::Error;
using V3 = sqlite_3::Error;

const std::string kSeries =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n";
const std::string kEndless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

V3 io_failure(std::string text) {
  return V3{V3::Io{std::move(text)}};
}

sqlite_3::ValueView number(int64_t value) {
  return {sqlite_3::ValueView::Integer{value}};
}

app::RuntimeConfig config_of(std::string path) {
  app::RuntimeConfig config;
  config.sqlite_databases.push_back({.label = "notes", .path = std::move(path)});
  return config;
}

// What came out of execute-async.
struct Streamed {
  std::vector<std::string> columns;
  std::vector<int64_t> first_values;
  std::expected<void, V3> outcome;
};

// An instance of a component that may open `notes`, a file, and `default`, in memory.
struct Instance {
  Instance() {
    app::LockedComponent component;
    component.sqlite_databases = {"notes", "default"};
    access = databases.access_of(component).value();
  }

  template <typename T>
  T wait(io::Eventual<T> eventual) {
    return loop.block_on(io::Eventual<T>::wait(std::move(eventual))).value();
  }
  std::unique_ptr<AsyncSqliteConnection> connect(std::string_view label = "notes") {
    return wait(v3.connection_open_async(label)).value();
  }
  SpinSqliteV3::Rows start(AsyncSqliteConnection& connection, std::string_view text,
                           const SpinSqliteV3::Parameters& parameters = {}) {
    return wait(v3.connection_execute_async(connection, text, parameters)).value();
  }
  Streamed read(SpinSqliteV3::Rows rows) {
    auto& [columns, stream, outcome] = rows;
    Streamed read{.columns = columns};
    while (auto row = loop.block_on(stream.next())) {
      const auto* integer = std::get_if<sqlite_3::Value::Integer>(&row->values.at(0).value);
      read.first_values.push_back(integer == nullptr ? -1 : integer->value);
    }
    read.outcome = loop.block_on(outcome.get()).value();
    return read;
  }
  Streamed execute(AsyncSqliteConnection& connection, std::string_view text,
                   const SpinSqliteV3::Parameters& parameters = {}) {
    return read(start(connection, text, parameters));
  }

  TempDirectory directory;
  io::EventLoop loop;
  SqliteDatabases databases{config_of(directory.path("notes.db")), std::nullopt};
  SqliteAccess access;
  OpenDatabases open{loop, access, 3};
  SpinSqlite v2{open};
  SpinSqliteV1 v1{open};
  SpinSqliteV3 v3{open};
};

TEST(SqliteFaces, OpenOnlyWhatTheComponentLists) {
  Instance i;
  EXPECT_EQ(i.v1.open("other")->error(), V1{V1::AccessDenied{}});
  EXPECT_EQ(i.v2.connection_open("other")->error(), V2{V2::AccessDenied{}});
  EXPECT_EQ(i.v3.connection_open("other")->error(), V3{V3::AccessDenied{}});
  EXPECT_EQ(i.wait(i.v3.connection_open_async("other")).error(), V3{V3::AccessDenied{}});
}

TEST(SqliteFaces, CountConnectionsOfAllVersionsTogether) {
  Instance i;
  auto first = i.connect();
  auto second = i.v2.connection_open("notes").value().value();
  const uint32_t third = i.v1.open("notes").value().value();
  EXPECT_EQ(i.v3.connection_open("notes")->error(), io_failure("too many connections opened"));
  i.v1.close(third).value();
  i.v1.close(third).value();
  i.v1.close(77).value();
  EXPECT_EQ(i.v1.open("notes").value().value(), third);
  second = nullptr;
  EXPECT_EQ(i.open.open_count(), 2u);
}

TEST(SqliteFaces, V2ExecutesWithEveryTypeOfValue) {
  Instance i;
  using View = sqlite_2::ValueView;
  auto connection = i.v2.connection_open("notes").value().value();
  const std::vector<uint8_t> bytes = {0, 255};
  auto result = i.wait(i.v2.connection_execute(*connection, "SELECT ?1 AS a, ?2, ?3, ?4, ?5",
                                               {{View::Integer{INT64_MIN}},
                                                {View::Real{0.1}},
                                                {View::Text{"\u2713"}},
                                                {View::Blob{bytes}},
                                                {View::Null{}}}));
  using Value = sqlite_2::Value;
  EXPECT_THAT(result->columns, ElementsAre("a", "?2", "?3", "?4", "?5"));
  ASSERT_EQ(result->rows.size(), 1u);
  EXPECT_THAT(
      result->rows[0].values,
      ElementsAre(Value{Value::Integer{INT64_MIN}}, Value{Value::Real{0.1}},
                  Value{Value::Text{"\u2713"}}, Value{Value::Blob{bytes}}, Value{Value::Null{}}));
  EXPECT_EQ(i.wait(i.v2.connection_execute(*connection, "SELECT x", {})).error(),
            V2{V2::Io{"no such column: x"}});
}

TEST(SqliteFaces, V1ExecutesByNumber) {
  Instance i;
  const uint32_t connection = i.v1.open("default").value().value();
  auto result = i.wait(i.v1.execute(connection, "SELECT 7", {}));
  EXPECT_EQ(result->rows.at(0).values.at(0), sqlite_1::Value{sqlite_1::Value::Integer{7}});
  for (const uint32_t unknown : {connection + 1, UINT32_MAX}) {
    EXPECT_EQ(i.wait(i.v1.execute(unknown, "SELECT 7", {})).error(), V1{V1::InvalidConnection{}});
  }
  i.v1.close(connection).value();
  EXPECT_EQ(i.wait(i.v1.execute(connection, "SELECT 7", {})).error(), V1{V1::InvalidConnection{}});
}

TEST(SqliteFaces, ConnectionsInMemoryShareNothing) {
  Instance i;
  auto first = i.connect("default");
  auto second = i.connect("default");
  EXPECT_TRUE(i.execute(*first, "CREATE TABLE t (a)").outcome.has_value());
  EXPECT_TRUE(i.execute(*first, "SELECT * FROM t").outcome.has_value());
  EXPECT_EQ(i.execute(*second, "SELECT * FROM t").outcome.error(), io_failure("no such table: t"));
}

TEST(SqliteFaces, ConnectionsToAFileShareIt) {
  Instance i;
  auto first = i.connect();
  auto second = i.connect();
  EXPECT_TRUE(i.execute(*first, "CREATE TABLE t (a)").outcome.has_value());
  EXPECT_TRUE(i.execute(*first, "INSERT INTO t VALUES (5), (6)").outcome.has_value());
  EXPECT_EQ(i.v3.connection_last_insert_rowid(*first).value(), 2);
  EXPECT_EQ(i.wait(i.v3.connection_last_insert_rowid_async(*first)), 2);
  EXPECT_EQ(i.v3.connection_changes(*first).value(), 2u);
  EXPECT_EQ(i.wait(i.v3.connection_changes_async(*first)), 2u);
  EXPECT_EQ(i.v3.connection_changes(*second).value(), 0u);
  EXPECT_THAT(i.execute(*second, "SELECT a FROM t").first_values, ElementsAre(5, 6));
  auto result = i.wait(i.v3.connection_execute(*second, "SELECT a FROM t", {}));
  EXPECT_EQ(result->rows.size(), 2u);
}

TEST(SqliteFaces, StreamMoreRowsThanABatchHolds) {
  Instance i;
  auto connection = i.connect();
  const int64_t count = 3 * static_cast<int64_t>(kBatchRows) + 7;
  const Streamed streamed = i.execute(*connection, kSeries, {number(count)});
  EXPECT_THAT(streamed.columns, ElementsAre("i"));
  ASSERT_EQ(streamed.first_values.size(), static_cast<size_t>(count));
  EXPECT_EQ(streamed.first_values.back(), count);
  EXPECT_TRUE(streamed.outcome.has_value());
}

TEST(SqliteFaces, AStreamIsEndedByAFailureInItsMiddle) {
  Instance i;
  auto connection = i.connect();
  const std::string text = kSeries +
                           " WHERE abs(CASE WHEN i = 300 THEN -9223372036854775808 "
                           "ELSE i END) > 0";
  const Streamed streamed = i.execute(*connection, text, {number(500)});
  EXPECT_EQ(streamed.first_values.size(), 299u);
  EXPECT_EQ(streamed.outcome.error(), io_failure("integer overflow"));
}

TEST(SqliteFaces, FailuresOfExecuteAsyncComeWithTheFuture) {
  Instance i;
  auto connection = i.connect();
  const Streamed streamed = i.execute(*connection, "SELECT absent FROM nowhere");
  EXPECT_THAT(streamed.columns, IsEmpty());
  EXPECT_THAT(streamed.first_values, IsEmpty());
  EXPECT_EQ(streamed.outcome.error(), io_failure("no such table: nowhere"));
}

TEST(SqliteFaces, AStatementRunsAlthoughNobodyReadsItsRows) {
  Instance i;
  auto connection = i.connect();
  i.execute(*connection, "CREATE TABLE t (a)");
  {
    auto ignored = i.start(*connection, "INSERT INTO t VALUES (1), (2), (3) RETURNING a");
  }
  EXPECT_EQ(i.execute(*connection, "SELECT a FROM t").first_values.size(), 3u);
}

TEST(SqliteFaces, StatementsOfAConnectionInterleave) {
  Instance i;
  auto connection = i.connect();
  auto first = i.start(*connection, kSeries, {number(1000)});
  auto second = i.start(*connection, kSeries, {number(1000)});
  auto taken = i.loop.block_on(std::get<1>(first).next());
  EXPECT_TRUE(taken.has_value());
  EXPECT_EQ(i.execute(*connection, "SELECT 7").first_values, std::vector<int64_t>{7});
  EXPECT_EQ(i.read(std::move(second)).first_values.size(), 1000u);
  EXPECT_EQ(i.read(std::move(first)).first_values.size(), 999u);
}

TEST(SqliteFaces, AStreamThatIsDroppedGivesUpItsLock) {
  Instance i;
  auto reader = i.connect();
  auto writer = i.connect();
  i.execute(*writer, "CREATE TABLE t (a)");
  {
    auto rows = i.start(*reader, kSeries, {number(100'000)});
    reader = nullptr;
    // The stream outlives its connection.
    EXPECT_TRUE(i.loop.block_on(std::get<1>(rows).next()).has_value());
  }
  EXPECT_TRUE(i.execute(*writer, "DROP TABLE t").outcome.has_value());
}

TEST(SqliteFaces, ADroppedCallInterruptsItsStatement) {
  Instance i;
  auto connection = i.connect();
  // Each of them would hold a thread of the pool for a minute.
  for (unsigned n = 0; n < 2 * kSqliteThreadsMax; ++n) {
    auto dropped = i.v3.connection_execute(*connection, kEndless, {});
    EXPECT_FALSE(dropped.is_ready());
  }
  EXPECT_EQ(i.execute(*connection, "SELECT 7").first_values, std::vector<int64_t>{7});
}

TEST(SqliteFaces, ADeadlineInterruptsItsStatement) {
  Instance i;
  auto connection = i.connect();
  auto endless = io::Eventual<std::expected<sqlite_3::QueryResult, V3>>::wait(
      i.v3.connection_execute(*connection, kEndless, {}));
  auto limited =
      io::with_deadline(i.loop, std::chrono::milliseconds(20), "the statement", std::move(endless));
  auto result = i.loop.block_on(std::move(limited));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind(), ErrorKind::Timeout);
  EXPECT_EQ(i.execute(*connection, "SELECT 7").first_values, std::vector<int64_t>{7});
}

TEST(SqliteFaces, WaitingForRowsMayBeGivenUpAndBegunAgain) {
  Instance i;
  auto connection = i.connect();
  auto rows = i.start(*connection, kSeries, {number(1000)});
  auto& stream = std::get<1>(rows);
  std::vector<sqlite_3::RowResult> buffer(kBatchRows);
  EXPECT_EQ(stream.read(buffer).count, kBatchRows);
  for (int n = 0; n < 3; ++n) {
    auto waiting = [](auto& from) -> io::Task<Result<void>> {
      co_await from.ready();
      co_return Result<void>();
    };
    (void)i.loop.block_on(
        io::with_deadline(i.loop, std::chrono::milliseconds(0), "waiting", waiting(stream)));
  }
  EXPECT_EQ(i.read(std::move(rows)).first_values.size(), 1000 - kBatchRows);
}

TEST(SqliteFaces, AnInstanceMayGoWhileItsStatementsRun) {
  SqliteDatabases databases{{}, std::nullopt};
  app::LockedComponent component;
  component.sqlite_databases = {"default"};
  const SqliteAccess access = databases.access_of(component).value();
  io::EventLoop loop;
  OpenDatabases open(loop, access);
  SpinSqlite face(open);
  auto connection = face.connection_open("default").value().value();
  auto dropped = face.connection_execute(*connection, kEndless, {});
  connection = nullptr;
  EXPECT_EQ(open.open_count(), 0u);
}

}  // namespace
}  // namespace spindle::host
