// SQLite over fermyon:spin/sqlite@2.0.0.

#include <spindle/sql.h>

#include "capabilities.h"
#include "guest/convert.h"

namespace spindle {
namespace {

namespace sqlite = bindings::fermyon::spin_2::sqlite;

Error explain(const sqlite::Error& error) {
  if (const auto* io = std::get_if<sqlite::Error::Io>(&error.value)) {
    return {ErrorKind::Other, io->value};
  }
  static const Error kErrors[] = {{ErrorKind::NotFound, "no such database"},
                                  {ErrorKind::Denied, "the component may not use this database"},
                                  {ErrorKind::Invalid, "the connection is closed"},
                                  {ErrorKind::Full, "the database is full"}};
  return kErrors[error.value.index()];
}

sqlite::Value to_guest(const SqlValue& value) {
  using V = sqlite::Value;
  if (const auto* found = std::get_if<std::string>(&value.value)) return {V::Text{*found}};
  if (const auto* found = std::get_if<double>(&value.value)) return {V::Real{*found}};
  if (const auto* found = std::get_if<Bytes>(&value.value)) return {V::Blob{*found}};
  if (value.is_null()) return {V::Null{}};
  return {V::Integer{value.integer()}};
}

SqlValue from_guest(sqlite::Value value) {
  using V = sqlite::Value;
  if (auto* found = std::get_if<V::Integer>(&value.value)) return found->value;
  if (auto* found = std::get_if<V::Real>(&value.value)) return found->value;
  if (auto* found = std::get_if<V::Text>(&value.value)) return std::move(found->value);
  if (auto* found = std::get_if<V::Blob>(&value.value)) return std::move(found->value);
  return nullptr;
}

}  // namespace

Sqlite::Sqlite(int32_t id) : handle_(id, guest::drop<sqlite::Connection>) {}

Result<Sqlite> Sqlite::open(std::string_view database) {
  return guest::result<Sqlite>(sqlite::Connection::open(database), explain,
                               [](sqlite::Connection opened) { return Sqlite(opened.release()); });
}

Result<SqlRows> Sqlite::execute(std::string_view statement, const SqlRow& parameters) const {
  std::vector<sqlite::Value> values;
  for (const SqlValue& value : parameters) values.push_back(to_guest(value));
  auto done = guest::with<sqlite::Connection>(
      handle_.id(), [&](const auto& connection) { return connection.execute(statement, values); });
  return guest::result<SqlRows>(std::move(done), explain, [](sqlite::QueryResult found) {
    SqlRows rows{std::move(found.columns), {}};
    for (sqlite::RowResult& row : found.rows) {
      SqlRow& made = rows.rows.emplace_back();
      for (sqlite::Value& value : row.values) made.push_back(from_guest(std::move(value)));
    }
    return rows;
  });
}

}  // namespace spindle
