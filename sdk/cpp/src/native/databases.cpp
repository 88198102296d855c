#include "databases.h"

#ifdef SPINDLE_FAKES_SQLITE

#include <sqlite3.h>

#include <type_traits>

namespace spindle::test {
namespace {

int bind(sqlite3_stmt* statement, int place, const SqlValue& value) {
  return std::visit(
      [&](const auto& each) {
        using T = std::decay_t<decltype(each)>;
        if constexpr (std::is_same_v<T, std::nullptr_t>) {
          return sqlite3_bind_null(statement, place);
        } else if constexpr (std::is_floating_point_v<T>) {
          return sqlite3_bind_double(statement, place, each);
        } else if constexpr (std::is_integral_v<T>) {
          return sqlite3_bind_int64(statement, place, each);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return sqlite3_bind_text64(statement, place, each.data(), each.size(), SQLITE_TRANSIENT,
                                     SQLITE_UTF8);
        } else {
          return each.empty() ? sqlite3_bind_zeroblob(statement, place, 0)
                              : sqlite3_bind_blob64(statement, place, each.data(), each.size(),
                                                    SQLITE_TRANSIENT);
        }
      },
      value.value);
}

SqlValue column(sqlite3_stmt* statement, int place) {
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, place));
  switch (sqlite3_column_type(statement, place)) {
    case SQLITE_INTEGER: return SqlValue(int64_t{sqlite3_column_int64(statement, place)});
    case SQLITE_FLOAT: return SqlValue(sqlite3_column_double(statement, place));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, place));
      return SqlValue(std::string(text, size));
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const uint8_t*>(sqlite3_column_blob(statement, place));
      return SqlValue(Bytes(bytes, bytes + size));
    }
    default: return SqlValue(nullptr);
  }
}

using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

}  // namespace

struct Databases::Database {
  sqlite3* handle = nullptr;

  Database() { sqlite3_open(":memory:", &handle); }
  ~Database() { sqlite3_close_v2(handle); }
  std::unexpected<Error> problem() const { return fail(ErrorKind::Other, sqlite3_errmsg(handle)); }
  Result<SqlRows> execute(std::string_view text, const SqlRow& parameters) const;
};

Result<SqlRows> Databases::Database::execute(std::string_view text,
                                             const SqlRow& parameters) const {
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v2(handle, text.data(), static_cast<int>(text.size()), &made, nullptr) !=
      SQLITE_OK) {
    return problem();
  }
  const Statement statement(made, sqlite3_finalize);
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (bind(made, static_cast<int>(i) + 1, parameters[i]) != SQLITE_OK) return problem();
  }
  SqlRows found;
  const int columns = sqlite3_column_count(made);
  for (int i = 0; i < columns; ++i) found.columns.emplace_back(sqlite3_column_name(made, i));
  while (true) {
    const int done = sqlite3_step(made);
    if (done == SQLITE_DONE) return found;
    if (done != SQLITE_ROW) return problem();
    SqlRow& row = found.rows.emplace_back();
    for (int i = 0; i < columns; ++i) row.push_back(column(made, i));
  }
}

Result<SqlRows> Databases::execute(const std::string& database, std::string_view statement,
                                   const SqlRow& parameters) {
  auto& open = open_[database];
  if (open == nullptr) open = std::make_unique<Database>();
  return open->execute(statement, parameters);
}

}  // namespace spindle::test

#else

namespace spindle::test {

struct Databases::Database {};

Result<SqlRows> Databases::execute(const std::string& /*database*/, std::string_view /*statement*/,
                                   const SqlRow& /*parameters*/) {
  return fail(ErrorKind::Unavailable, "the test was built without libsqlite3");
}

}  // namespace spindle::test

#endif

namespace spindle::test {

Databases::Databases() = default;
Databases::~Databases() = default;

}  // namespace spindle::test
