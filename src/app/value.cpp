#include "app/value.h"

#include <algorithm>

namespace spindle::app {

Table::Table() = default;
Table::Table(const Table& other) = default;
Table::Table(Table&& other) noexcept = default;
Table& Table::operator=(const Table& other) = default;
Table& Table::operator=(Table&& other) noexcept = default;
Table::~Table() = default;

size_t Table::size() const {
  return entries_.size();
}

const TableEntry* Table::find_entry(std::string_view key) const {
  auto found = std::ranges::find(entries_, key, &TableEntry::key);
  return found == entries_.end() ? nullptr : &*found;
}

const Value* Table::find(std::string_view key) const {
  const TableEntry* entry = find_entry(key);
  return entry ? &entry->value : nullptr;
}

Value& Table::set(std::string key, Value value, Position at) {
  auto found = std::ranges::find(entries_, key, &TableEntry::key);
  if (found != entries_.end()) {
    found->value = std::move(value);
    return found->value;
  }
  append(std::move(key), std::move(value), at);
  return entries_.back().value;
}

void Table::append(std::string key, Value value, Position at) {
  entries_.push_back({std::move(key), std::move(value), at});
}

bool Table::erase(std::string_view key) {
  return std::erase_if(entries_, [&](const TableEntry& entry) { return entry.key == key; }) != 0;
}

bool Table::operator==(const Table& other) const {
  return std::ranges::equal(entries_, other.entries_, [](const auto& a, const auto& b) {
    return a.key == b.key && a.value == b.value;
  });
}

std::string_view Value::kind_name() const {
  constexpr std::string_view kNames[] = {"nothing",  "a boolean", "an integer", "a float",
                                         "a string", "an array",  "a table"};
  return kNames[storage_.index()];
}

}  // namespace spindle::app
