#pragma once

// Values and errors between the core of SQLite and any of its interfaces, whose types differ in
// name only.

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/overloaded.h"
#include "base/result.h"
#include "host/sqlite/databases.h"
#include "host/sqlite/sql_value.h"

namespace spindle::host {

template <typename View>
std::vector<SqlValue> from_guest(const std::vector<View>& parameters) {
  std::vector<SqlValue> values;
  values.reserve(parameters.size());
  for (const View& parameter : parameters) {
    values.push_back(std::visit(
        Overloaded{
            [](const typename View::Integer& it) { return SqlValue(it.value); },
            [](const typename View::Real& it) { return SqlValue(it.value); },
            [](const typename View::Text& it) { return SqlValue(std::string(it.value)); },
            [](const typename View::Blob& it) {
              return SqlValue(SqlBlob(it.value.begin(), it.value.end()));
            },
            [](const typename View::Null&) { return SqlValue(); },
        },
        parameter.value));
  }
  return values;
}

template <typename Value>
Value to_guest(SqlValue value) {
  return std::visit(
      Overloaded{
          [](SqlNull) { return Value{typename Value::Null{}}; },
          [](int64_t number) { return Value{typename Value::Integer{number}}; },
          [](double number) { return Value{typename Value::Real{number}}; },
          [](std::string& text) { return Value{typename Value::Text{std::move(text)}}; },
          [](SqlBlob& blob) { return Value{typename Value::Blob{std::move(blob)}}; },
      },
      value);
}

template <typename Row>
Row row_to_guest(SqlRow row) {
  using Value = typename decltype(Row::values)::value_type;
  Row made;
  made.values.reserve(row.size());
  for (SqlValue& value : row) made.values.push_back(to_guest<Value>(std::move(value)));
  return made;
}

template <typename Failure>
Failure sqlite_failure(const Error& error) {
  if (error.kind() == ErrorKind::LimitExceeded) return Failure{typename Failure::DatabaseFull{}};
  return Failure{typename Failure::Io{error.to_string()}};
}

template <typename Failure>
Failure connect_failure(ConnectFailure why) {
  if (why == ConnectFailure::Denied) return Failure{typename Failure::AccessDenied{}};
  return Failure{typename Failure::Io{"too many connections opened"}};
}

}  // namespace spindle::host
