#include "static_files/http_date.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace spindle::static_files {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Takes a date apart from the left; what does not fit makes all of it invalid.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  void expect(std::string_view text) {
    if (!rest_.starts_with(text)) return fail();
    rest_.remove_prefix(text.size());
  }
  unsigned number(size_t digits) {
    if (rest_.size() < digits) return fail(), 0U;
    unsigned value = 0;
    for (size_t i = 0; i < digits; ++i) {
      // The form of C has a space for a leading zero of the day.
      const char c = i == 0 && rest_[0] == ' ' && digits == 2 ? '0' : rest_[i];
      if (c < '0' || c > '9') return fail(), 0U;
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  unsigned month() {
    const auto* found = std::ranges::find(kMonths, rest_.substr(0, 3));
    if (found == kMonths.end()) return fail(), 1U;
    rest_.remove_prefix(3);
    return static_cast<unsigned>(found - kMonths.begin()) + 1;
  }
  void time() {
    hour_ = number(2);
    expect(":");
    minute_ = number(2);
    expect(":");
    second_ = number(2);
  }
  std::optional<int64_t> seconds(unsigned y, unsigned m, unsigned d) const {
    const year_month_day date{year(static_cast<int>(y)), std::chrono::month(m), day(d)};
    if (failed_ || !rest_.empty() || !date.ok()) return std::nullopt;
    if (hour_ > 23 || minute_ > 59 || second_ > 60) return std::nullopt;
    const auto at =
        sys_days(date) + hours(hour_) + minutes(minute_) + std::chrono::seconds(second_);
    return at.time_since_epoch() / std::chrono::seconds(1);
  }

 private:
  void fail() { failed_ = true; }

  std::string_view rest_;
  unsigned hour_ = 0;
  unsigned minute_ = 0;
  unsigned second_ = 0;
  bool failed_ = false;
};

// `06 Nov 1994 08:49:37 GMT`
std::optional<int64_t> parse_preferred(std::string_view text) {
  Reader reader(text);
  const unsigned d = reader.number(2);
  reader.expect(" ");
  const unsigned m = reader.month();
  reader.expect(" ");
  const unsigned y = reader.number(4);
  reader.expect(" ");
  reader.time();
  reader.expect(" GMT");
  return reader.seconds(y, m, d);
}

// `06-Nov-94 08:49:37 GMT`: a year of this century, unless that is far in the future.
std::optional<int64_t> parse_rfc850(std::string_view text) {
  Reader reader(text);
  const unsigned d = reader.number(2);
  reader.expect("-");
  const unsigned m = reader.month();
  reader.expect("-");
  const unsigned y = reader.number(2);
  reader.expect(" ");
  reader.time();
  reader.expect(" GMT");
  return reader.seconds(y >= 70 ? 1900 + y : 2000 + y, m, d);
}

// `Nov  6 08:49:37 1994`
std::optional<int64_t> parse_asctime(std::string_view text) {
  Reader reader(text);
  const unsigned m = reader.month();
  reader.expect(" ");
  const unsigned d = reader.number(2);
  reader.expect(" ");
  reader.time();
  reader.expect(" ");
  const unsigned y = reader.number(4);
  return reader.seconds(y, m, d);
}

}  // namespace

std::string format_http_date(int64_t seconds) {
  const sys_seconds at{std::chrono::seconds(seconds)};
  const auto date = floor<days>(at);
  const year_month_day ymd(date);
  const hh_mm_ss time(at - date);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(date).c_encoding()],
                     static_cast<unsigned>(ymd.day()),
                     kMonths[static_cast<unsigned>(ymd.month()) - 1], static_cast<int>(ymd.year()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

// The name of the day says nothing that the rest does not.
std::optional<int64_t> parse_http_date(std::string_view text) {
  const size_t end = text.find(' ');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view day = text.substr(0, end);
  const std::string_view rest = text.substr(end + 1);
  if (!day.ends_with(',')) return parse_asctime(rest);
  return rest.find('-') == std::string_view::npos ? parse_preferred(rest) : parse_rfc850(rest);
}

}  // namespace spindle::static_files
