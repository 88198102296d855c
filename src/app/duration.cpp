#include "app/duration.h"

#include <charconv>

#include <fmt/format.h>

namespace spindle::app {
namespace {

using std::chrono::milliseconds;

constexpr uint32_t kCountMax = 1'000'000'000;

Result<uint32_t> parse_count(std::string_view text) {
  uint32_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code == std::errc() && end == text.data() + text.size() && number > 0 &&
      number <= kCountMax) {
    return number;
  }
  return Error::invalid_input(
      fmt::format("`{}` is not a count, expected 1 to {}", text, kCountMax));
}

// `a..b` by `parse`, with `step` between a value and the next.
template <typename T>
Result<ValueRange<T>> parse_range(std::string_view text, Result<T> (*parse)(std::string_view),
                                  T step) {
  const size_t dots = text.find("..");
  if (dots == text.npos) {
    T value = TRY(parse(text));
    return ValueRange<T>{value, value};
  }
  T first = TRY(parse(text.substr(0, dots)));
  T end = TRY(parse(text.substr(dots + 2)));
  if (first >= end) {
    return Error::invalid_input(
        fmt::format("`{}` is an empty range, expected a smaller value before `..`", text));
  }
  return ValueRange<T>{first, end - step};
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  uint64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  constexpr uint64_t kMax = 1'000'000'000;
  if (code != std::errc() || number > kMax) {
    return Error::invalid_input(
        fmt::format("`{}` is not a duration, expected something like 500ms or 2s", text));
  }
  if (unit.empty() || unit == "s") return milliseconds(number * 1000);
  if (unit == "ms") return milliseconds(number);
  if (unit == "us" || unit == "μs") return milliseconds(number / 1000);
  if (unit == "ns") return milliseconds(number / 1'000'000);
  return Error::invalid_input(
      fmt::format("`{}` has an unknown unit, expected s, ms, us or ns", text));
}

Result<DurationRange> parse_duration_range(std::string_view text) {
  return parse_range<milliseconds>(text, parse_duration, milliseconds(1));
}

Result<CountRange> parse_count_range(std::string_view text) {
  return parse_range<uint32_t>(text, parse_count, 1);
}

}  // namespace spindle::app
