#pragma once

// TableReader: takes a Table apart strictly. Each field is asked for once, with its type; finish()
// then refuses every key that nobody asked for, with a suggestion. All errors point into the
// source.
//
//   TableReader reader(source, table, at, "`[application]`");
//   app.name = TRY(reader.required_string("name"));
//   app.version = TRY(reader.optional_string("version")).value_or("");
//   TRY(reader.finish());
//
// It borrows everything; it lives as long as one parsing function.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/source_text.h"
#include "app/value.h"
#include "base/result.h"

namespace spindle::app {

class TableReader {
 public:
  // `at` is where the table begins; `what` names it in messages: "component `cart`".
  TableReader(const SourceText& source, const Table& table, Position at, std::string what)
      : source_(source), table_(table), at_(at), what_(std::move(what)) {}

  // The entry, which then counts as known.
  const TableEntry* take(std::string_view key);
  Result<const TableEntry*> required(std::string_view key);

  Result<std::string> required_string(std::string_view key);
  Result<std::optional<std::string>> optional_string(std::string_view key);
  Result<std::optional<bool>> optional_bool(std::string_view key);
  Result<std::optional<int64_t>> optional_integer(std::string_view key);
  Result<std::vector<std::string>> strings(std::string_view key);
  Result<std::vector<std::pair<std::string, std::string>>> string_table(std::string_view key);
  // A table, or null if the key is absent.
  Result<const Table*> optional_table(std::string_view key);
  Result<const Array*> optional_array(std::string_view key);

  // What nobody took, in order.
  Table rest() const;
  Result<void> finish() const;

  Error error(Position at, std::string_view message, std::string_view help = {}) const {
    return source_.error(at.known() ? at : at_, message, help);
  }
  const SourceText& source() const { return source_; }
  const std::string& what() const { return what_; }
  Position at() const { return at_; }
  const Table& table() const { return table_; }

 private:
  Error wrong_type(const TableEntry& entry, std::string_view expected) const;

  const SourceText& source_;
  const Table& table_;
  Position at_;
  std::string what_;
  std::vector<std::string_view> known_;
};

}  // namespace spindle::app
