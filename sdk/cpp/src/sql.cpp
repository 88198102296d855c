#include <spindle/sql.h>

namespace spindle {

int64_t SqlValue::integer() const {
  if (const auto* found = std::get_if<int64_t>(&value)) return *found;
  if (const auto* found = std::get_if<bool>(&value)) return *found ? 1 : 0;
  return 0;
}

double SqlValue::number() const {
  const auto* found = std::get_if<double>(&value);
  return found != nullptr ? *found : static_cast<double>(integer());
}

std::string_view SqlValue::text() const {
  const auto* found = std::get_if<std::string>(&value);
  return found != nullptr ? std::string_view(*found) : std::string_view();
}

}  // namespace spindle
