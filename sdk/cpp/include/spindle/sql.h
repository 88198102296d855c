#pragma once

// SQL: SQLite databases of the manifest, PostgreSQL and MySQL servers that it allows.
//
//   auto db = Sqlite::open();
//   auto cats = db->execute("SELECT name, age FROM cats WHERE age > ?", {3});
//   for (const auto& row : cats->rows) names += row.at(0).text();
//
// Parameters take the place of `?` (SQLite, MySQL) or `$1` (PostgreSQL). A value is nothing, an
// integer, a number, a text or bytes; what a server has besides (dates, decimals) is an error
// unless the statement casts it to text.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <spindle/error.h>
#include <spindle/handle.h>

namespace spindle {

using Bytes = std::vector<uint8_t>;

struct SqlValue {
  std::variant<std::nullptr_t, bool, int64_t, double, std::string, Bytes> value = nullptr;

  SqlValue() = default;
  SqlValue(std::nullptr_t) {}                                         // NOLINT: values of a list
  SqlValue(bool boolean) : value(boolean) {}                          // NOLINT
  SqlValue(std::integral auto n) : value(static_cast<int64_t>(n)) {}  // NOLINT
  SqlValue(std::floating_point auto n) : value(double{n}) {}          // NOLINT
  SqlValue(const char* text) : value(std::string(text)) {}            // NOLINT
  SqlValue(std::string_view text) : value(std::string(text)) {}       // NOLINT
  SqlValue(std::string text) : value(std::move(text)) {}              // NOLINT
  SqlValue(Bytes bytes) : value(std::move(bytes)) {}                  // NOLINT

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value); }
  // 0, 0.0 or empty where the value is something else.
  int64_t integer() const;
  double number() const;
  std::string_view text() const;

  bool operator==(const SqlValue&) const = default;
};

using SqlRow = std::vector<SqlValue>;

struct SqlRows {
  std::vector<std::string> columns;
  std::vector<SqlRow> rows;

  bool operator==(const SqlRows&) const = default;
};

class Sqlite {
 public:
  static Result<Sqlite> open(std::string_view database = "default");
  Result<SqlRows> execute(std::string_view statement, const SqlRow& parameters = {}) const;

 private:
  explicit Sqlite(int32_t id);
  detail::Handle handle_;
};

class Postgres {
 public:
  // `host=... user=...` or `postgres://...`
  static Result<Postgres> open(std::string_view address);
  Result<SqlRows> query(std::string_view statement, const SqlRow& parameters = {}) const;
  // How many rows it changed.
  Result<uint64_t> execute(std::string_view statement, const SqlRow& parameters = {}) const;

 private:
  explicit Postgres(int32_t id);
  detail::Handle handle_;
};

class MySql {
 public:
  // `mysql://user:password@host/database`
  static Result<MySql> open(std::string_view address);
  Result<SqlRows> query(std::string_view statement, const SqlRow& parameters = {}) const;
  Result<void> execute(std::string_view statement, const SqlRow& parameters = {}) const;

 private:
  explicit MySql(int32_t id);
  detail::Handle handle_;
};

}  // namespace spindle
