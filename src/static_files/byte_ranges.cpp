#include "static_files/byte_ranges.h"

#include <algorithm>

#include "http/message.h"
#include "static_files/list_header.h"

namespace spindle::static_files {
namespace {

constexpr std::string_view kUnit = "bytes=";

enum class Found : uint8_t { Range, Outside, Malformed };

// `0-499`, `500-`, `-500`.
Found read_range(std::string_view text, uint64_t size, ByteRange& range) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return Found::Malformed;
  const auto first = http::parse_decimal(text.substr(0, dash));
  const auto last = http::parse_decimal(text.substr(dash + 1));
  if (dash == 0) {
    if (!last) return Found::Malformed;
    if (*last == 0 || size == 0) return Found::Outside;
    range.length = std::min(*last, size);
    range.first = size - range.length;
    return Found::Range;
  }
  if (!first || (!last && dash + 1 != text.size())) return Found::Malformed;
  if (last && *last < *first) return Found::Malformed;
  if (*first >= size) return Found::Outside;
  range.first = *first;
  range.length = std::min(last.value_or(size - 1), size - 1) - *first + 1;
  return Found::Range;
}

}  // namespace

std::optional<std::vector<ByteRange>> parse_ranges(std::string_view header, uint64_t size) {
  if (header.size() < kUnit.size() ||
      !http::equals_ignoring_case(header.substr(0, kUnit.size()), kUnit)) {
    return std::nullopt;
  }
  std::vector<ByteRange> ranges;
  uint64_t bytes = 0;
  size_t asked = 0;
  ListHeader list(header.substr(kUnit.size()));
  while (const auto item = list.next()) {
    if (++asked > kRangesMax) return std::nullopt;
    ByteRange range;
    const Found found = read_range(*item, size, range);
    if (found == Found::Malformed) return std::nullopt;
    if (found == Found::Outside) continue;
    bytes += range.length;
    if (ranges.empty() ? false : bytes > size) return std::nullopt;
    ranges.push_back(range);
  }
  if (asked == 0) return std::nullopt;
  return ranges;
}

}  // namespace spindle::static_files
