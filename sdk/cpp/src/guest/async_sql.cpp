// Databases of coroutines, over spin:sqlite@3.1.0, spin:postgres@4.2.0 and spin:mysql@3.0.0.

#include "async_capabilities.h"
#include "guest/async_convert.h"

namespace spindle::async {
namespace {

namespace sqlite = async_bindings::spin::sqlite_3::sqlite;
namespace postgres = async_bindings::spin::postgres_4::postgres;
namespace mysql = async_bindings::spin::mysql_3::mysql;
using guest::kServerError;
using guest::kSqliteError;

// The answer of a server, whose rows are lists of values.
template <typename Found>
Task<Result<SqlRows>> rows_of(Found found) {
  if (!found.has_value()) co_return std::unexpected(kServerError(found.error()));
  auto& [columns, stream, end] = *found;
  std::vector<std::string> names;
  for (auto& column : columns) names.push_back(std::move(column.name));
  auto rows = co_await guest::collect(std::move(stream), std::move(end), kServerError);
  co_return guest::sql_rows(std::move(names), std::move(rows),
                            [](auto& row) -> auto& { return row; });
}

}  // namespace

Sqlite::Sqlite(int32_t id) : handle_(id, guest::drop<sqlite::Connection>) {}

Task<Result<Sqlite>> Sqlite::open(std::string database) {
  auto opened = co_await sqlite::Connection::open_async(std::move(database));
  co_return guest::result<Sqlite>(std::move(opened), kSqliteError,
                                  [](sqlite::Connection made) { return Sqlite(made.release()); });
}

Task<Result<SqlRows>> Sqlite::execute(std::string statement, SqlRow parameters) const {
  const guest::Borrowed<sqlite::Connection> connection(handle_);
  auto found = co_await connection->execute_async(std::move(statement),
                                                  guest::sqlite_values<sqlite::Value>(parameters));
  if (!found.has_value()) co_return std::unexpected(kSqliteError(found.error()));
  auto& [columns, stream, end] = *found;
  auto rows = co_await guest::collect(std::move(stream), std::move(end), kSqliteError);
  co_return guest::sql_rows(std::move(columns), std::move(rows),
                            [](auto& row) -> auto& { return row.values; });
}

Postgres::Postgres(int32_t id) : handle_(id, guest::drop<postgres::Connection>) {}

Task<Result<Postgres>> Postgres::open(std::string address) {
  auto opened = co_await postgres::Connection::open_async(std::move(address));
  co_return guest::result<Postgres>(std::move(opened), kServerError, [](postgres::Connection made) {
    return Postgres(made.release());
  });
}

Task<Result<SqlRows>> Postgres::query(std::string statement, SqlRow parameters) const {
  const guest::Borrowed<postgres::Connection> connection(handle_);
  auto found = co_await connection->query_async(
      std::move(statement), guest::server_values<postgres::ParameterValue>(parameters));
  co_return co_await rows_of(std::move(found));
}

Task<Result<uint64_t>> Postgres::execute(std::string statement, SqlRow parameters) const {
  const guest::Borrowed<postgres::Connection> connection(handle_);
  auto done = co_await connection->execute_async(
      std::move(statement), guest::server_values<postgres::ParameterValue>(parameters));
  co_return guest::result<uint64_t>(std::move(done), kServerError);
}

MySql::MySql(int32_t id) : handle_(id, guest::drop<mysql::Connection>) {}

Task<Result<MySql>> MySql::open(std::string address) {
  auto opened = co_await mysql::Connection::open(std::move(address));
  co_return guest::result<MySql>(std::move(opened), kServerError,
                                 [](mysql::Connection made) { return MySql(made.release()); });
}

Task<Result<SqlRows>> MySql::query(std::string statement, SqlRow parameters) const {
  const guest::Borrowed<mysql::Connection> connection(handle_);
  auto found = co_await connection->query(std::move(statement),
                                          guest::server_values<mysql::ParameterValue>(parameters));
  co_return co_await rows_of(std::move(found));
}

Task<Result<void>> MySql::execute(std::string statement, SqlRow parameters) const {
  const guest::Borrowed<mysql::Connection> connection(handle_);
  auto done = co_await connection->execute(std::move(statement),
                                           guest::server_values<mysql::ParameterValue>(parameters));
  co_return guest::result<void>(std::move(done), kServerError);
}

}  // namespace spindle::async
