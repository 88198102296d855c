// PostgreSQL and MySQL over fermyon:spin@2.0.0, which share their types.

#include <spindle/sql.h>

#include "capabilities.h"
#include "guest/capability_convert.h"

namespace spindle {
namespace {

namespace types = bindings::fermyon::spin_2::rdbms_types;
namespace postgres = bindings::fermyon::spin_2::postgres;
namespace mysql = bindings::fermyon::spin_2::mysql;

Result<SqlRows> rows_from_guest(types::RowSet found) {
  SqlRows rows;
  for (types::Column& column : found.columns) rows.columns.push_back(std::move(column.name));
  for (auto& each : found.rows) {
    Result<SqlRow> row = guest::sql_row(std::move(each));
    if (!row.has_value()) return std::unexpected(std::move(row.error()));
    rows.rows.push_back(std::move(*row));
  }
  return rows;
}

template <typename Connection>
Result<SqlRows> query_by(int32_t id, std::string_view statement, const SqlRow& parameters) {
  auto done = guest::with<Connection>(id, [&](const auto& connection) {
    return connection.query(statement, guest::server_values<types::ParameterValue>(parameters));
  });
  return guest::result<SqlRows>(std::move(done), guest::kServerError, rows_from_guest);
}

}  // namespace

Postgres::Postgres(int32_t id) : handle_(id, guest::drop<postgres::Connection>) {}

Result<Postgres> Postgres::open(std::string_view address) {
  return guest::result<Postgres>(
      postgres::Connection::open(address), guest::kServerError,
      [](postgres::Connection opened) { return Postgres(opened.release()); });
}

Result<SqlRows> Postgres::query(std::string_view statement, const SqlRow& parameters) const {
  return query_by<postgres::Connection>(handle_.id(), statement, parameters);
}

Result<uint64_t> Postgres::execute(std::string_view statement, const SqlRow& parameters) const {
  return guest::result<uint64_t>(guest::with<postgres::Connection>(
                                     handle_.id(),
                                     [&](const auto& connection) {
                                       return connection.execute(
                                           statement,
                                           guest::server_values<types::ParameterValue>(parameters));
                                     }),
                                 guest::kServerError);
}

MySql::MySql(int32_t id) : handle_(id, guest::drop<mysql::Connection>) {}

Result<MySql> MySql::open(std::string_view address) {
  return guest::result<MySql>(mysql::Connection::open(address), guest::kServerError,
                              [](mysql::Connection opened) { return MySql(opened.release()); });
}

Result<SqlRows> MySql::query(std::string_view statement, const SqlRow& parameters) const {
  return query_by<mysql::Connection>(handle_.id(), statement, parameters);
}

Result<void> MySql::execute(std::string_view statement, const SqlRow& parameters) const {
  return guest::result<void>(
      guest::with<mysql::Connection>(handle_.id(),
                                     [&](const auto& connection) {
                                       return connection.execute(
                                           statement,
                                           guest::server_values<types::ParameterValue>(parameters));
                                     }),
      guest::kServerError);
}

}  // namespace spindle
