#pragma once

// How many definitions and declarators a component tree may still have.
//
// What is kept of one takes some hundred bytes, its encoding may take one. So their number is
// bounded by the size of the input: a tenth of its bytes is some twenty times what real components
// have, and keeps the memory taken below 64 times the input.

#include <fmt/format.h>

#include "base/result.h"

namespace spindle::component {

class ItemBudget {
 public:
  explicit ItemBudget(size_t input_bytes) : limit_(kFree + input_bytes / 10) {}

  Result<void> take(size_t count, uint64_t offset) {
    taken_ += count;
    if (taken_ <= limit_) return {};
    return Error::limit_exceeded(
               fmt::format("too many definitions, at most {} are allowed in a component of this "
                           "size",
                           limit_))
        .with_offset(offset);
  }

 private:
  static constexpr size_t kFree = 4'096;

  size_t limit_;
  size_t taken_ = 0;
};

}  // namespace spindle::component
