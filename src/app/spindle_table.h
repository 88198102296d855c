#pragma once

// What a manifest says to this runtime alone: the table `[component.<id>.tool.spindle]`, which Spin
// leaves to tools. A locked application carries it in the metadata of the component.
//
//   late        imports that are bound at run time (late_imports.h)
//   instances   how instances are used (instance_reuse.h)
//   concurrent_messages   how many messages of one Redis connection it takes at once, if not one

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/instance_reuse.h"
#include "app/late_imports.h"
#include "app/source_text.h"
#include "app/value.h"
#include "base/result.h"

namespace spindle::app {

inline constexpr uint32_t kConcurrentMessagesMax = 1024;

struct SpindleTable {
  std::vector<LateImport> late_imports;
  InstanceReuse instances;
  std::optional<uint32_t> concurrent_messages;

  bool is_empty() const {
    return late_imports.empty() && instances.is_empty() && !concurrent_messages;
  }
  bool operator==(const SpindleTable&) const = default;
};

// `what` names the component.
Result<SpindleTable> read_spindle_table(const SourceText& source, const Table& table,
                                        const std::string& what);
// The same table again.
Value spindle_table_value(const SpindleTable& table);

}  // namespace spindle::app
