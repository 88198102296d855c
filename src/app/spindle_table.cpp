#include "app/spindle_table.h"

#include <fmt/format.h>

#include "app/table_reader.h"

namespace spindle::app {

Result<SpindleTable> read_spindle_table(const SourceText& source, const Table& table,
                                        const std::string& what) {
  TableReader reader(source, table, {}, fmt::format("`tool.spindle` of {}", what));
  SpindleTable read;
  if (const Table* late = TRY(reader.optional_table("late"))) {
    read.late_imports = TRY(read_late_imports(source, *late, what));
  }
  if (const TableEntry* instances = reader.take("instances")) {
    read.instances = TRY(read_instance_reuse(source, *instances, what));
  }
  if (const auto messages = TRY(reader.optional_integer("concurrent_messages"))) {
    if (*messages < 1 || *messages > kConcurrentMessagesMax) {
      return reader.error(table.find("concurrent_messages")->at,
                          fmt::format("concurrent_messages of {} is {}, expected 1 to {}", what,
                                      *messages, kConcurrentMessagesMax));
    }
    read.concurrent_messages = static_cast<uint32_t>(*messages);
  }
  TRY(reader.finish());
  return read;
}

Value spindle_table_value(const SpindleTable& table) {
  Table value;
  if (!table.late_imports.empty()) value.set("late", late_imports_value(table.late_imports));
  if (!table.instances.is_empty()) {
    value.set("instances", instance_reuse_value(table.instances));
  }
  if (table.concurrent_messages) {
    value.set("concurrent_messages", Value(int64_t{*table.concurrent_messages}));
  }
  return Value(std::move(value));
}

}  // namespace spindle::app
