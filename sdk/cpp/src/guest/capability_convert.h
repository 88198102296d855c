#pragma once

// Errors and values of capabilities, which their interfaces of WASI 0.2 and of 0.3 declare in the
// same shapes; each function takes the type of the one that calls it.

#include <spindle/redis.h>
#include <spindle/sql.h>

#include "guest/convert.h"

namespace spindle::guest {

inline constexpr auto kStoreError = []<typename E>(const E& error) -> Error {
  if (const auto* other = std::get_if<typename E::Other>(&error.value)) {
    return {ErrorKind::Other, other->value};
  }
  static const Error kErrors[] = {{ErrorKind::Full, "too many open stores"},
                                  {ErrorKind::NotFound, "no such store"},
                                  {ErrorKind::Denied, "the component may not use this store"}};
  return kErrors[error.value.index()];
};

inline constexpr auto kVariableError = []<typename E>(const E& error) -> Error {
  static constexpr ErrorKind kKinds[] = {ErrorKind::Invalid, ErrorKind::NotFound,
                                         ErrorKind::Unavailable, ErrorKind::Other};
  return std::visit(
      [&](const auto& each) { return Error{kKinds[error.value.index()], each.value}; },
      error.value);
};

inline constexpr auto kSqliteError = []<typename E>(const E& error) -> Error {
  if (const auto* io = std::get_if<typename E::Io>(&error.value)) {
    return {ErrorKind::Other, io->value};
  }
  static const Error kErrors[] = {{ErrorKind::NotFound, "no such database"},
                                  {ErrorKind::Denied, "the component may not use this database"},
                                  {ErrorKind::Invalid, "the connection is closed"},
                                  {ErrorKind::Full, "the database is full"}};
  return kErrors[error.value.index()];
};

template <typename V>
std::vector<V> sqlite_values(const SqlRow& row) {
  std::vector<V> values;
  for (const SqlValue& value : row) {
    if (const auto* text = std::get_if<std::string>(&value.value)) {
      values.push_back({typename V::Text{*text}});
    } else if (const auto* real = std::get_if<double>(&value.value)) {
      values.push_back({typename V::Real{*real}});
    } else if (const auto* blob = std::get_if<Bytes>(&value.value)) {
      values.push_back({typename V::Blob{*blob}});
    } else if (value.is_null()) {
      values.push_back({typename V::Null{}});
    } else {
      values.push_back({typename V::Integer{value.integer()}});
    }
  }
  return values;
}

template <typename V, typename Each>
constexpr bool is_null() {
  if constexpr (requires { typename V::DbNull; }) return std::is_same_v<Each, typename V::DbNull>;
  if constexpr (requires { typename V::Null; }) return std::is_same_v<Each, typename V::Null>;
  return false;
}
template <typename V, typename Each>
constexpr bool is_unsupported() {
  if constexpr (requires { typename V::Unsupported; }) {
    return std::is_same_v<Each, typename V::Unsupported>;
  }
  return false;
}

// Where the server has what a SqlValue cannot be, an error: nothing of it would look like NULL.
template <typename V>
Result<SqlRow> sql_row(std::vector<V> values) {
  SqlRow row;
  bool is_known = true;
  for (V& value : values) {
    row.push_back(std::visit(
        [&](auto& each) -> SqlValue {
          using Each = std::decay_t<decltype(each)>;
          if constexpr (is_null<V, Each>()) {
            return nullptr;
          } else if constexpr (!is_unsupported<V, Each>() &&
                               requires { SqlValue(std::move(each.value)); }) {
            return SqlValue(std::move(each.value));
          } else {
            is_known = false;
            return nullptr;
          }
        },
        value.value));
  }
  if (is_known) return row;
  return fail(ErrorKind::Invalid, "a column has a type that has no SqlValue; cast it to text");
}

// Parameters of PostgreSQL and MySQL.
template <typename V>
std::vector<V> server_values(const SqlRow& row) {
  std::vector<V> values;
  for (const SqlValue& value : row) {
    values.push_back(std::visit(
        [](const auto& each) -> V {
          using T = std::decay_t<decltype(each)>;
          if constexpr (std::is_same_v<T, bool>) {
            return {typename V::Boolean{each}};
          } else if constexpr (std::is_same_v<T, int64_t>) {
            return {typename V::Int64{each}};
          } else if constexpr (std::is_same_v<T, double>) {
            return {typename V::Floating64{each}};
          } else if constexpr (std::is_same_v<T, std::string>) {
            return {typename V::Str{each}};
          } else if constexpr (std::is_same_v<T, Bytes>) {
            return {typename V::Binary{each}};
          } else {
            return {typename V::DbNull{}};
          }
        },
        value.value));
  }
  return values;
}

inline constexpr auto kServerError = []<typename E>(const E& error) -> Error {
  static constexpr ErrorKind kKinds[] = {ErrorKind::Unavailable, ErrorKind::Invalid,
                                         ErrorKind::Other, ErrorKind::Invalid, ErrorKind::Other};
  const ErrorKind kind = kKinds[error.value.index()];
  return std::visit(
      [&](const auto& each) {
        if constexpr (requires { Error{kind, each.value}; }) {
          return Error{kind, each.value};
        } else if constexpr (requires { each.value.value; }) {
          // What PostgreSQL says: a text, or fields of which one is all of it.
          const auto* fields = std::get_if<1>(&each.value.value);
          return Error{kind, fields != nullptr ? fields->value.as_text
                                               : std::get<0>(each.value.value).value};
        }
      },
      error.value);
};

inline constexpr auto kRedisError = []<typename E>(const E& error) -> Error {
  if (const auto* other = std::get_if<typename E::Other>(&error.value)) {
    return {ErrorKind::Other, other->value};
  }
  static const Error kErrors[] = {{ErrorKind::Invalid, "not an address that may be used"},
                                  {ErrorKind::Full, "too many connections"},
                                  {ErrorKind::Invalid, "the value has another type"}};
  return kErrors[error.value.index()];
};

template <typename R>
std::vector<RedisReply> redis_replies(std::vector<R> found) {
  std::vector<RedisReply> replies;
  for (R& each : found) {
    RedisReply& reply = replies.emplace_back();
    if (auto* status = std::get_if<typename R::Status>(&each.value)) {
      reply.value = RedisReply::Status{std::move(status->value)};
    } else if (auto* number = std::get_if<typename R::Int64>(&each.value)) {
      reply.value = number->value;
    } else if (auto* binary = std::get_if<typename R::Binary>(&each.value)) {
      reply.value = text(binary->value);
    }
  }
  return replies;
}

template <typename P>
std::vector<P> redis_parameters(const std::vector<std::variant<int64_t, std::string>>& arguments) {
  std::vector<P> parameters;
  for (const auto& argument : arguments) {
    if (const auto* number = std::get_if<int64_t>(&argument)) {
      parameters.push_back({typename P::Int64{*number}});
    } else {
      parameters.push_back({typename P::Binary{byte_vector(std::get<std::string>(argument))}});
    }
  }
  return parameters;
}

inline constexpr auto kMqttError = []<typename E>(const E& error) -> Error {
  if (const auto* failed = std::get_if<typename E::ConnectionFailed>(&error.value)) {
    return {ErrorKind::Unavailable, failed->value};
  }
  if (const auto* other = std::get_if<typename E::Other>(&error.value)) {
    return {ErrorKind::Other, other->value};
  }
  return error.value.index() == 0 ? Error{ErrorKind::Invalid, "not an address that may be used"}
                                  : Error{ErrorKind::Full, "too many connections"};
};

}  // namespace spindle::guest
