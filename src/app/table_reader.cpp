#include "app/table_reader.h"

#include <algorithm>

#include "fmt/format.h"

namespace spindle::app {

const TableEntry* TableReader::take(std::string_view key) {
  known_.push_back(key);
  return table_.find_entry(key);
}

Result<const TableEntry*> TableReader::required(std::string_view key) {
  const TableEntry* entry = take(key);
  if (!entry) return source_.error(at_, fmt::format("missing field `{}` in {}", key, what_));
  return entry;
}

Error TableReader::wrong_type(const TableEntry& entry, std::string_view expected) const {
  return error(entry.value.at, fmt::format("`{}` in {} must be {}, not {}", entry.key, what_,
                                           expected, entry.value.kind_name()));
}

Result<std::string> TableReader::required_string(std::string_view key) {
  TRY(required(key));
  auto text = TRY(optional_string(key));
  return *std::move(text);
}

Result<std::optional<std::string>> TableReader::optional_string(std::string_view key) {
  const TableEntry* entry = take(key);
  if (!entry) return std::optional<std::string>();
  if (!entry->value.as_string()) return wrong_type(*entry, "a string");
  return std::optional(*entry->value.as_string());
}

Result<std::optional<bool>> TableReader::optional_bool(std::string_view key) {
  const TableEntry* entry = take(key);
  if (!entry) return std::optional<bool>();
  if (!entry->value.as_bool()) return wrong_type(*entry, "a boolean");
  return std::optional(*entry->value.as_bool());
}

Result<std::optional<int64_t>> TableReader::optional_integer(std::string_view key) {
  const TableEntry* entry = take(key);
  if (!entry) return std::optional<int64_t>();
  if (!entry->value.as_integer()) return wrong_type(*entry, "an integer");
  return std::optional(*entry->value.as_integer());
}

Result<std::vector<std::string>> TableReader::strings(std::string_view key) {
  std::vector<std::string> all;
  const TableEntry* entry = take(key);
  if (!entry) return all;
  const Array* array = entry->value.as_array();
  if (!array) return wrong_type(*entry, "an array of strings");
  for (const Value& item : *array) {
    if (!item.as_string())
      return error(item.at, fmt::format("`{}` in {} must hold strings, not {}", key, what_,
                                        item.kind_name()));
    all.push_back(*item.as_string());
  }
  return all;
}

Result<std::vector<std::pair<std::string, std::string>>> TableReader::string_table(
    std::string_view key) {
  std::vector<std::pair<std::string, std::string>> all;
  const Table* table = TRY(optional_table(key));
  if (!table) return all;
  for (const TableEntry& entry : *table) {
    if (!entry.value.as_string())
      return error(entry.value.at, fmt::format("`{}` in `{}` of {} must be a string, not {}",
                                               entry.key, key, what_, entry.value.kind_name()));
    all.emplace_back(entry.key, *entry.value.as_string());
  }
  return all;
}

Result<const Table*> TableReader::optional_table(std::string_view key) {
  const TableEntry* entry = take(key);
  if (!entry) return static_cast<const Table*>(nullptr);
  if (!entry->value.as_table()) return wrong_type(*entry, "a table");
  return entry->value.as_table();
}

Result<const Array*> TableReader::optional_array(std::string_view key) {
  const TableEntry* entry = take(key);
  if (!entry) return static_cast<const Array*>(nullptr);
  if (!entry->value.as_array()) return wrong_type(*entry, "an array");
  return entry->value.as_array();
}

Table TableReader::rest() const {
  Table rest;
  for (const TableEntry& entry : table_) {
    if (std::ranges::find(known_, entry.key) == known_.end())
      rest.append(entry.key, entry.value, entry.at);
  }
  return rest;
}

Result<void> TableReader::finish() const {
  for (const TableEntry& entry : table_) {
    if (std::ranges::find(known_, entry.key) != known_.end()) continue;
    return error(entry.at, fmt::format("unknown key `{}` in {}", entry.key, what_),
                 suggestion(entry.key, known_));
  }
  return {};
}

}  // namespace spindle::app
