// PostgreSQL and MySQL over fermyon:spin@2.0.0, which share their types.

#include <spindle/sql.h>

#include "capabilities.h"
#include "guest/convert.h"

namespace spindle {
namespace {

namespace types = bindings::fermyon::spin_2::rdbms_types;
namespace postgres = bindings::fermyon::spin_2::postgres;
namespace mysql = bindings::fermyon::spin_2::mysql;

Error explain(const types::Error& error) {
  static constexpr ErrorKind kKinds[] = {ErrorKind::Unavailable, ErrorKind::Invalid,
                                         ErrorKind::Other, ErrorKind::Invalid, ErrorKind::Other};
  return std::visit(
      [&](const auto& each) { return Error{kKinds[error.value.index()], each.value}; },
      error.value);
}

types::ParameterValue to_guest(const SqlValue& value) {
  using V = types::ParameterValue;
  if (const auto* found = std::get_if<bool>(&value.value)) return {V::Boolean{*found}};
  if (const auto* found = std::get_if<int64_t>(&value.value)) return {V::Int64{*found}};
  if (const auto* found = std::get_if<double>(&value.value)) return {V::Floating64{*found}};
  if (const auto* found = std::get_if<std::string>(&value.value)) return {V::Str{*found}};
  if (const auto* found = std::get_if<Bytes>(&value.value)) return {V::Binary{*found}};
  return {V::DbNull{}};
}

SqlValue from_guest(types::DbValue value) {
  return std::visit(
      [](auto& each) -> SqlValue {
        if constexpr (requires { each.value; }) {
          return std::move(each.value);
        } else {
          return nullptr;
        }
      },
      value.value);
}

std::vector<types::ParameterValue> all_to_guest(const SqlRow& parameters) {
  std::vector<types::ParameterValue> values;
  for (const SqlValue& value : parameters) values.push_back(to_guest(value));
  return values;
}

SqlRows rows_from_guest(types::RowSet found) {
  SqlRows rows;
  for (types::Column& column : found.columns) rows.columns.push_back(std::move(column.name));
  for (auto& row : found.rows) {
    SqlRow& made = rows.rows.emplace_back();
    for (types::DbValue& value : row) made.push_back(from_guest(std::move(value)));
  }
  return rows;
}

template <typename Connection>
Result<SqlRows> query_by(int32_t id, std::string_view statement, const SqlRow& parameters) {
  auto done = guest::with<Connection>(id, [&](const auto& connection) {
    return connection.query(statement, all_to_guest(parameters));
  });
  return guest::result<SqlRows>(std::move(done), explain, rows_from_guest);
}

}  // namespace

Postgres::Postgres(int32_t id) : handle_(id, guest::drop<postgres::Connection>) {}

Result<Postgres> Postgres::open(std::string_view address) {
  return guest::result<Postgres>(
      postgres::Connection::open(address), explain,
      [](postgres::Connection opened) { return Postgres(opened.release()); });
}

Result<SqlRows> Postgres::query(std::string_view statement, const SqlRow& parameters) const {
  return query_by<postgres::Connection>(handle_.id(), statement, parameters);
}

Result<uint64_t> Postgres::execute(std::string_view statement, const SqlRow& parameters) const {
  return guest::result<uint64_t>(guest::with<postgres::Connection>(handle_.id(),
                                                                   [&](const auto& connection) {
                                                                     return connection.execute(
                                                                         statement,
                                                                         all_to_guest(parameters));
                                                                   }),
                                 explain);
}

MySql::MySql(int32_t id) : handle_(id, guest::drop<mysql::Connection>) {}

Result<MySql> MySql::open(std::string_view address) {
  return guest::result<MySql>(mysql::Connection::open(address), explain,
                              [](mysql::Connection opened) { return MySql(opened.release()); });
}

Result<SqlRows> MySql::query(std::string_view statement, const SqlRow& parameters) const {
  return query_by<mysql::Connection>(handle_.id(), statement, parameters);
}

Result<void> MySql::execute(std::string_view statement, const SqlRow& parameters) const {
  return guest::result<void>(guest::with<mysql::Connection>(
                                 handle_.id(),
                                 [&](const auto& connection) {
                                   return connection.execute(statement, all_to_guest(parameters));
                                 }),
                             explain);
}

}  // namespace spindle
