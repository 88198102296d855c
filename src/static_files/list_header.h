#pragma once

// ListHeader: the items of a header that is a list, `a, "b, c", d`, one after the other, without
// the spaces around them and without empty ones. Commas in quoted strings separate nothing.

#include <optional>
#include <string_view>

namespace spindle::static_files {

class ListHeader {
 public:
  explicit ListHeader(std::string_view text) : rest_(text) {}
  std::optional<std::string_view> next();

 private:
  std::string_view rest_;
};

std::string_view trim_spaces(std::string_view text);

}  // namespace spindle::static_files
