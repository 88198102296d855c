#pragma once

// Durations, and ranges of them and of counts, as text: what flags and the manifest's table of this
// runtime say. A range `a..b` takes a, leaves out b; one value stands for itself.

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace spindle::app {

// Values from `first` to `last`, both included.
template <typename T>
struct ValueRange {
  T first;
  T last;
  bool operator==(const ValueRange&) const = default;
};

using CountRange = ValueRange<uint32_t>;
using DurationRange = ValueRange<std::chrono::milliseconds>;

// `500ms`, `2s`, `10us`, `7` (seconds).
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
// `1s`, `500ms..2s`.
Result<DurationRange> parse_duration_range(std::string_view text);
// `128`, `64..192`; at least 1.
Result<CountRange> parse_count_range(std::string_view text);

}  // namespace spindle::app
