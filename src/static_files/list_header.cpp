#include "static_files/list_header.h"

namespace spindle::static_files {

std::string_view trim_spaces(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string_view> ListHeader::next() {
  while (!rest_.empty()) {
    size_t end = 0;
    bool is_quoted = false;
    for (; end < rest_.size(); ++end) {
      if (rest_[end] == '"') is_quoted = !is_quoted;
      if (rest_[end] == ',' && !is_quoted) break;
    }
    const std::string_view item = trim_spaces(rest_.substr(0, end));
    rest_.remove_prefix(end < rest_.size() ? end + 1 : end);
    if (!item.empty()) return item;
  }
  return std::nullopt;
}

}  // namespace spindle::static_files
