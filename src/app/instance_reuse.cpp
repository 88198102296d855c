#include "app/instance_reuse.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "app/table_reader.h"

namespace spindle::app {
namespace {

constexpr std::array<std::pair<InstanceMode, std::string_view>, 3> kModes = {{
    {InstanceMode::Fresh, "fresh"},
    {InstanceMode::Serial, "serial"},
    {InstanceMode::Concurrent, "concurrent"},
}};

// A text, or a number where the text may be one.
Result<std::optional<std::string>> text_of(TableReader& reader, std::string_view key) {
  const TableEntry* entry = reader.take(key);
  if (entry == nullptr) return std::optional<std::string>();
  if (const std::string* text = entry->value.as_string()) return std::optional(*text);
  if (const int64_t* number = entry->value.as_integer()) {
    return std::optional(fmt::format("{}", *number));
  }
  return reader.error(entry->at, fmt::format("`{}` of {} must be an integer or a string, not {}",
                                             key, reader.what(), entry->value.kind_name()));
}

template <typename Range>
Result<std::optional<Range>> read_range(TableReader& reader, std::string_view key,
                                        Result<Range> (*parse)(std::string_view)) {
  std::optional<std::string> text = TRY(text_of(reader, key));
  if (!text) return std::optional<Range>();
  Result<Range> range = parse(*text);
  if (range) return std::optional(*range);
  return reader.error(reader.table().find_entry(key)->at,
                      fmt::format("`{}` of {}: {}", key, reader.what(), range.error().message()));
}

template <typename T, typename Text>
std::string range_text(const ValueRange<T>& range, T step, Text text) {
  if (range.first == range.last) return text(range.first);
  return fmt::format("{}..{}", text(range.first), text(range.last + step));
}

Value count_value(const CountRange& range) {
  if (range.first == range.last) return Value(int64_t{range.first});
  return Value(range_text<uint32_t>(range, 1, [](uint32_t n) { return fmt::format("{}", n); }));
}

Value duration_value(const DurationRange& range) {
  using std::chrono::milliseconds;
  return Value(range_text(range, milliseconds(1),
                          [](milliseconds time) { return fmt::format("{}ms", time.count()); }));
}

}  // namespace

std::string_view to_string(InstanceMode mode) {
  for (const auto& [value, name] : kModes) {
    if (value == mode) return name;
  }
  return {};
}

std::optional<InstanceMode> instance_mode_from_string(std::string_view name) {
  for (const auto& [value, text] : kModes) {
    if (text == name) return value;
  }
  return std::nullopt;
}

InstanceReuse InstanceReuse::or_else(const InstanceReuse& other) const {
  InstanceReuse both = *this;
  if (!both.mode) both.mode = other.mode;
  if (!both.max_uses) both.max_uses = other.max_uses;
  if (!both.max_concurrent) both.max_concurrent = other.max_concurrent;
  if (!both.idle) both.idle = other.idle;
  return both;
}

Result<InstanceReuse> read_instance_reuse(const SourceText& source, const TableEntry& instances,
                                          const std::string& what) {
  const std::string name = fmt::format("`instances` of {}", what);
  const Table* table = instances.value.as_table();
  if (table == nullptr) {
    return source.error(instances.at, fmt::format("{} must be a table, not {}", name,
                                                  instances.value.kind_name()));
  }
  TableReader reader(source, *table, instances.at, name);
  InstanceReuse reuse;
  if (std::optional<std::string> mode = TRY(reader.optional_string("mode"))) {
    reuse.mode = instance_mode_from_string(*mode);
    if (!reuse.mode) {
      return reader.error(table->find_entry("mode")->at,
                          fmt::format("`mode` of {} is \"{}\"", name, *mode),
                          "expected \"fresh\", \"serial\" or \"concurrent\"");
    }
  }
  reuse.max_uses = TRY(read_range<CountRange>(reader, "max_uses", parse_count_range));
  reuse.max_concurrent = TRY(read_range<CountRange>(reader, "max_concurrent", parse_count_range));
  reuse.idle = TRY(read_range<DurationRange>(reader, "idle", parse_duration_range));
  TRY(reader.finish());
  return reuse;
}

Value instance_reuse_value(const InstanceReuse& reuse) {
  Table table;
  if (reuse.mode) table.set("mode", Value(std::string(to_string(*reuse.mode))));
  if (reuse.max_uses) table.set("max_uses", count_value(*reuse.max_uses));
  if (reuse.max_concurrent) table.set("max_concurrent", count_value(*reuse.max_concurrent));
  if (reuse.idle) table.set("idle", duration_value(*reuse.idle));
  return Value(std::move(table));
}

}  // namespace spindle::app
