// SQLite over fermyon:spin/sqlite@2.0.0.

#include <spindle/sql.h>

#include "capabilities.h"
#include "guest/capability_convert.h"

namespace spindle {
namespace {

namespace sqlite = bindings::fermyon::spin_2::sqlite;

}  // namespace

Sqlite::Sqlite(int32_t id) : handle_(id, guest::drop<sqlite::Connection>) {}

Result<Sqlite> Sqlite::open(std::string_view database) {
  return guest::result<Sqlite>(sqlite::Connection::open(database), guest::kSqliteError,
                               [](sqlite::Connection opened) { return Sqlite(opened.release()); });
}

Result<SqlRows> Sqlite::execute(std::string_view statement, const SqlRow& parameters) const {
  const auto values = guest::sqlite_values<sqlite::Value>(parameters);
  auto done = guest::with<sqlite::Connection>(
      handle_.id(), [&](const auto& connection) { return connection.execute(statement, values); });
  return guest::result<SqlRows>(
      std::move(done), guest::kSqliteError, [](sqlite::QueryResult found) {
        SqlRows rows{std::move(found.columns), {}};
        for (sqlite::RowResult& row : found.rows) {
          // SQLite has no other types.
          rows.rows.push_back(guest::sql_row(std::move(row.values)).value_or(SqlRow()));
        }
        return rows;
      });
}

}  // namespace spindle
