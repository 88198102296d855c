#pragma once

// Value: a tree of settings, as TOML and JSON both write them: null, boolean, integer, float,
// string, array, table. It is how opaque parts of an application (the configuration of a trigger,
// metadata that others wrote) travel through the loader without being understood.
//
// Tables keep the order of declaration. Values and keys remember where they stood in the file
// (`at`, 1-based, line 0 = nowhere), so that whoever reads them later can point there; equality
// ignores positions. The parsers bound the nesting, so recursion over a Value is safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace spindle::app {

struct Position {
  uint32_t line = 0;
  uint32_t column = 0;

  bool known() const { return line != 0; }
  bool operator==(const Position&) const = default;
  auto operator<=>(const Position&) const = default;
};

class Value;
struct TableEntry;
using Array = std::vector<Value>;

// A table: insertion-ordered, looked up linearly (the tables of a manifest are small) unless it is
// read once from front to back.
class Table {
 public:
  Table();
  Table(const Table& other);
  Table(Table&& other) noexcept;
  Table& operator=(const Table& other);
  Table& operator=(Table&& other) noexcept;
  ~Table();

  const Value* find(std::string_view key) const;
  const TableEntry* find_entry(std::string_view key) const;
  Value& set(std::string key, Value value, Position at = {});
  // Appends without looking for an equal key; for parsers that know their keys to be distinct.
  void append(std::string key, Value value, Position at = {});
  bool erase(std::string_view key);
  bool contains(std::string_view key) const { return find(key) != nullptr; }

  bool empty() const { return size() == 0; }
  size_t size() const;
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  auto begin() { return entries_.begin(); }
  auto end() { return entries_.end(); }

  bool operator==(const Table& other) const;

 private:
  std::vector<TableEntry> entries_;
};

class Value {
 public:
  using Storage = std::variant<std::monostate, bool, int64_t, double, std::string, Array, Table>;

  Value() = default;
  explicit Value(bool value) : storage_(value) {}
  explicit Value(int64_t value) : storage_(value) {}
  explicit Value(double value) : storage_(value) {}
  explicit Value(std::string value) : storage_(std::move(value)) {}
  explicit Value(const char* value) : storage_(std::string(value)) {}
  explicit Value(Array value) : storage_(std::move(value)) {}
  explicit Value(Table value) : storage_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(storage_); }
  const bool* as_bool() const { return std::get_if<bool>(&storage_); }
  const int64_t* as_integer() const { return std::get_if<int64_t>(&storage_); }
  const double* as_float() const { return std::get_if<double>(&storage_); }
  const std::string* as_string() const { return std::get_if<std::string>(&storage_); }
  const Array* as_array() const { return std::get_if<Array>(&storage_); }
  const Table* as_table() const { return std::get_if<Table>(&storage_); }
  Table* as_table() { return std::get_if<Table>(&storage_); }
  const Storage& storage() const { return storage_; }

  // "a string", "a table": for messages.
  std::string_view kind_name() const;

  bool operator==(const Value& other) const { return storage_ == other.storage_; }

  Position at;

 private:
  Storage storage_;
};

struct TableEntry {
  std::string key;
  Value value;
  Position at;  // of the key
};

}  // namespace spindle::app
