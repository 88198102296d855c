#pragma once

// How instances of a component are used, as a manifest says it: an extension of Spindle, in the
// table that Spin leaves to tools. What is absent is decided by flags and by the component.
//
//   [component.cart.tool.spindle.instances]
//   mode = "serial"          # "fresh", "serial" or "concurrent"
//   max_uses = 128           # requests in one instance; "64..192" draws one for each instance
//   max_concurrent = 16      # at once in one instance, where the mode is concurrent
//   idle = "1s"              # how long an instance waits for the next request

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/duration.h"
#include "app/source_text.h"
#include "app/value.h"
#include "base/result.h"

namespace spindle::app {

enum class InstanceMode : uint8_t {
  Fresh,       // one instance a request
  Serial,      // one request after the other
  Concurrent,  // several requests at once; for guests of WASI 0.3
};

std::string_view to_string(InstanceMode mode);
std::optional<InstanceMode> instance_mode_from_string(std::string_view name);

struct InstanceReuse {
  std::optional<InstanceMode> mode;
  std::optional<CountRange> max_uses;
  std::optional<CountRange> max_concurrent;
  std::optional<DurationRange> idle;
  bool operator==(const InstanceReuse&) const = default;

  bool is_empty() const { return *this == InstanceReuse(); }
  // What this leaves open is as in `other`.
  InstanceReuse or_else(const InstanceReuse& other) const;
};

// The entry `instances` of the table `spindle` of a component; `what` names that component.
Result<InstanceReuse> read_instance_reuse(const SourceText& source, const TableEntry& instances,
                                          const std::string& what);
// The same table again.
Value instance_reuse_value(const InstanceReuse& reuse);

}  // namespace spindle::app
