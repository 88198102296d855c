#include "host/sqlite/spin.h"

#include <algorithm>

#include "host/answer.h"
#include "host/sqlite/convert.h"
#include "host/sqlite/row_stream.h"

namespace spindle::host {
namespace {

template <typename Connection, typename Failure>
std::expected<std::unique_ptr<Connection>, Failure> open_as(OpenDatabases& databases,
                                                            std::string_view label) {
  auto opened = databases.open(label);
  if (!opened) return std::unexpected(connect_failure<Failure>(opened.error()));
  return std::make_unique<Connection>(*std::move(opened));
}

template <typename View>
SqlStatement statement_of(std::string_view text, const std::vector<View>& parameters) {
  return {std::string(text), from_guest(parameters)};
}

// All versions' `execute`.
template <typename QueryResult, typename Failure, typename View>
io::Eventual<std::expected<QueryResult, Failure>> execute_as(const OpenDatabases& databases,
                                                             const OpenConnection& connection,
                                                             std::string_view text,
                                                             const std::vector<View>& parameters) {
  using Answer = std::expected<QueryResult, Failure>;
  auto executed = execute_all(databases.loop(), connection, statement_of(text, parameters));
  return then(std::move(executed), [](Result<SqlResult> brought) -> Result<Answer> {
    if (!brought.has_value()) {
      if (brought.error().kind() == ErrorKind::Canceled) return brought.take_error();
      return Answer(std::unexpect, sqlite_failure<Failure>(brought.error()));
    }
    using Row = typename decltype(QueryResult::rows)::value_type;
    SqlResult result = brought.take_value();
    QueryResult made;
    made.columns = std::move(result.columns);
    made.rows.reserve(result.rows.size());
    for (SqlRow& row : result.rows) made.rows.push_back(row_to_guest<Row>(std::move(row)));
    return Answer(std::move(made));
  });
}

}  // namespace

Result<std::expected<std::unique_ptr<SqliteConnection>, SpinSqlite::Failure>>
SpinSqlite::connection_open(std::string_view database) {
  return open_as<SqliteConnection, Failure>(databases_, database);
}

io::Eventual<std::expected<sqlite_2::QueryResult, SpinSqlite::Failure>>
SpinSqlite::connection_execute(SqliteConnection& self, std::string_view statement,
                               const std::vector<sqlite_2::ValueView>& parameters) {
  return execute_as<sqlite_2::QueryResult, Failure>(databases_, self.open, statement, parameters);
}

Result<SpinSqliteV3::Opened> SpinSqliteV3::connection_open(std::string_view database) {
  return open_as<Connection, Failure>(databases_, database);
}

io::Eventual<SpinSqliteV3::Opened> SpinSqliteV3::connection_open_async(std::string_view database) {
  return open_as<Connection, Failure>(databases_, database);
}

io::Eventual<std::expected<sqlite_3::QueryResult, SpinSqliteV3::Failure>>
SpinSqliteV3::connection_execute(Connection& self, std::string_view statement,
                                 const Parameters& parameters) {
  return execute_as<sqlite_3::QueryResult, Failure>(databases_, self.open, statement, parameters);
}

io::Eventual<std::expected<SpinSqliteV3::Rows, SpinSqliteV3::Failure>>
SpinSqliteV3::connection_execute_async(Connection& self, std::string_view statement,
                                       const Parameters& parameters) {
  using Answer = std::expected<Rows, Failure>;
  auto started = start_rows(databases_.loop(), self.open, statement_of(statement, parameters));
  return then(
      std::move(started),
      [&loop = databases_.loop(),
       counters = self.open.counters](Result<SqlStarted> brought) -> Result<Answer> {
        if (!brought.has_value()) {
          if (brought.error().kind() == ErrorKind::Canceled) return brought.take_error();
          RowStream none = no_rows(brought.error());
          return Answer(
              Rows(std::vector<std::string>(), std::move(none.rows), std::move(none.outcome)));
        }
        SqlStarted got = brought.take_value();
        auto columns = std::move(got.columns);
        RowStream stream = stream_rows(loop, std::move(got), counters);
        return Answer(Rows(std::move(columns), std::move(stream.rows), std::move(stream.outcome)));
      });
}

Result<int64_t> SpinSqliteV3::connection_last_insert_rowid(Connection& self) {
  return self.open.counters->last_insert_rowid;
}

io::Eventual<int64_t> SpinSqliteV3::connection_last_insert_rowid_async(Connection& self) {
  return self.open.counters->last_insert_rowid;
}

Result<uint64_t> SpinSqliteV3::connection_changes(Connection& self) {
  return self.open.counters->changes;
}

io::Eventual<uint64_t> SpinSqliteV3::connection_changes_async(Connection& self) {
  return self.open.counters->changes;
}

Result<std::expected<uint32_t, SpinSqliteV1::Failure>> SpinSqliteV1::open(
    std::string_view database) {
  using Opened = std::expected<uint32_t, Failure>;
  auto opened = open_as<OpenConnection, Failure>(databases_, database);
  if (!opened) return Opened(std::unexpect, std::move(opened).error());
  const auto free = std::ranges::find_if(slots_, [](const auto& slot) { return slot == nullptr; });
  const auto slot = static_cast<uint32_t>(free - slots_.begin());
  if (free == slots_.end()) slots_.emplace_back();
  slots_[slot] = *std::move(opened);
  return Opened(slot);
}

io::Eventual<std::expected<sqlite_1::QueryResult, SpinSqliteV1::Failure>> SpinSqliteV1::execute(
    uint32_t conn, std::string_view statement, const std::vector<sqlite_1::ValueView>& parameters) {
  using Answer = std::expected<sqlite_1::QueryResult, Failure>;
  if (conn >= slots_.size() || slots_[conn] == nullptr) {
    return Answer(std::unexpect, Failure{Failure::InvalidConnection{}});
  }
  return execute_as<sqlite_1::QueryResult, Failure>(databases_, *slots_[conn], statement,
                                                    parameters);
}

Result<void> SpinSqliteV1::close(uint32_t conn) {
  if (conn < slots_.size()) slots_[conn] = nullptr;
  return {};
}

}  // namespace spindle::host
