#pragma once

// The parts of a file that a client asks for (RFC 9110, 14).
//
// Ranges that would cost more than the whole file (too many, or more bytes in all, because they
// overlap) are answered with the whole file, as is a header that is malformed or has another unit.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace spindle::static_files {

inline constexpr size_t kRangesMax = 16;

struct ByteRange {
  uint64_t first = 0;
  uint64_t length = 0;  // at least 1
  bool operator==(const ByteRange&) const = default;
};

// The ranges of a file of `size` bytes, in the order asked for. Nothing: the whole file. An empty
// list: none of them is in the file.
std::optional<std::vector<ByteRange>> parse_ranges(std::string_view header, uint64_t size);

}  // namespace spindle::static_files
