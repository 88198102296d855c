#include <fmt/format.h>

#include <bit>
#include <concepts>

#include "host/postgres/calendar.h"
#include "host/postgres/types.h"
#include "host/postgres/values.h"

namespace spindle::host::postgres {
namespace {

using View = api::ParameterValueView;
using Format = WireParameter::Format;

template <std::integral T>
std::string big_endian(T value) {
  std::string bytes(sizeof(T), '\0');
  auto rest = static_cast<std::make_unsigned_t<T>>(value);
  for (size_t i = sizeof(T); i-- > 0; rest = static_cast<decltype(rest)>(rest >> 4 >> 4)) {
    bytes[i] = static_cast<char>(rest & 0xff);
  }
  return bytes;
}

WireParameter binary(uint32_t type, std::string bytes) {
  return {type, Format::Binary, std::move(bytes)};
}
WireParameter text(uint32_t type, std::string bytes) {
  return {type, Format::Text, std::move(bytes)};
}

std::string copy(std::span<const uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

// What the server takes for a number: its other forms (`1_000`, hexadecimal) and blanks are not a
// decimal, and nothing that means something inside a range or an array is either.
bool is_decimal(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text == "NaN" || text == "Infinity") return true;
  const auto digits = [&text] {
    size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    text.remove_prefix(count);
    return count;
  };
  size_t seen = digits();
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    seen += digits();
  }
  if (seen == 0) return false;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

Result<std::string> decimal(std::string_view text) {
  if (!is_decimal(text)) return Error::invalid_input(fmt::format("`{}` is not a decimal", text));
  return std::string(text);
}

bool is_date(int32_t year, unsigned month, unsigned day) {
  constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

// The server counts years BC from 1; the interface has a year 0.
struct DateText {
  std::string digits;
  std::string_view era;
};

Result<DateText> date_text(int32_t year, uint8_t month, uint8_t day) {
  if (!is_date(year, month, day)) {
    return Error::invalid_input(fmt::format("{}-{}-{} is not a date", year, month, day));
  }
  const int64_t shown = year > 0 ? int64_t{year} : 1 - int64_t{year};
  return DateText{fmt::format("{:04}-{:02}-{:02}", shown, month, day), year > 0 ? "" : " BC"};
}

Result<std::string> time_text(uint8_t hour, uint8_t minute, uint8_t second, uint32_t nano) {
  // The server's resolution is a microsecond; a leap second is its next second.
  if (hour > 23 || minute > 59 || second > 60 || nano > 999'999'999) {
    return Error::invalid_input(
        fmt::format("{}:{}:{}.{:09} is not a time", hour, minute, second, nano));
  }
  return fmt::format("{:02}:{:02}:{:02}.{:06}", hour, minute, second, nano / 1000);
}

Result<std::string> uuid(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c == '-' || c == '{' || c == '}') continue;
    const bool is_digit =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!is_digit || digits.size() == 32) digits.resize(64);
    if (digits.size() > 32) break;
    digits += c;
  }
  if (digits.size() != 32) return Error::invalid_input(fmt::format("`{}` is not a UUID", text));
  return digits;
}

template <std::integral T>
Result<std::string> item_text(T value) {
  return fmt::format("{}", value);
}
Result<std::string> item_text(std::string_view value) {
  return decimal(value);
}

template <typename Range>
Result<WireParameter> range(uint32_t type, const Range& value) {
  using enum api::RangeBoundKind;
  const auto& [lower, upper] = value;
  std::string out(1, lower && std::get<1>(*lower) == Inclusive ? '[' : '(');
  if (lower) out += TRY(item_text(std::get<0>(*lower)));
  out += ',';
  if (upper) out += TRY(item_text(std::get<0>(*upper)));
  out += upper && std::get<1>(*upper) == Inclusive ? ']' : ')';
  return text(type, std::move(out));
}

template <typename T>
Result<WireParameter> array(uint32_t type, const std::vector<std::optional<T>>& items) {
  std::string out = "{";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    if (!item) {
      out += "NULL";
      continue;
    }
    out += TRY(item_text(*item));
  }
  return text(type, out + '}');
}

WireParameter strings(const std::vector<std::optional<std::string_view>>& items) {
  std::string out = "{";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    if (!item) {
      out += "NULL";
      continue;
    }
    out += '"';
    for (const char c : *item) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  // Not declared: arrays of text and of varchar are not the same to operators.
  return text(0, out + '}');
}

// As text they end at the first zero byte.
Result<WireParameter> string(std::string_view value) {
  if (value.contains('\0')) return Error::invalid_input("a string contains a zero character");
  return text(0, std::string(value));
}

using Instant = std::tuple<int32_t, uint8_t, uint8_t, uint8_t, uint8_t, uint8_t, uint32_t>;

// The offset makes it the same instant for `timestamptz`; `timestamp` does not look at it.
Result<WireParameter> instant(const Instant& value) {
  const auto& [year, month, day, hour, minute, second, nano] = value;
  const DateText date = TRY(date_text(year, month, day));
  const std::string time = TRY(time_text(hour, minute, second, nano));
  return text(0, fmt::format("{} {}+00{}", date.digits, time, date.era));
}

Result<WireParameter> encode(const View::Boolean& v) {
  return binary(oid::kBool, std::string(1, v.value ? '\1' : '\0'));
}
Result<WireParameter> encode(const View::Int8& v) {
  return binary(oid::kChar, big_endian(v.value));
}
Result<WireParameter> encode(const View::Int16& v) {
  return binary(oid::kInt2, big_endian(v.value));
}
Result<WireParameter> encode(const View::Int32& v) {
  return binary(oid::kInt4, big_endian(v.value));
}
Result<WireParameter> encode(const View::Int64& v) {
  return binary(oid::kInt8, big_endian(v.value));
}
Result<WireParameter> encode(const View::Floating32& v) {
  return binary(oid::kFloat4, big_endian(std::bit_cast<int32_t>(v.value)));
}
Result<WireParameter> encode(const View::Floating64& v) {
  return binary(oid::kFloat8, big_endian(std::bit_cast<int64_t>(v.value)));
}
Result<WireParameter> encode(const View::Str& v) {
  return string(v.value);
}
Result<WireParameter> encode(const View::Binary& v) {
  return binary(oid::kBytea, copy(v.value));
}
Result<WireParameter> encode(const View::Date& v) {
  const auto& [year, month, day] = v.value;
  const DateText date = TRY(date_text(year, month, day));
  return text(oid::kDate, fmt::format("{}{}", date.digits, date.era));
}
Result<WireParameter> encode(const View::Time& v) {
  const auto& [hour, minute, second, nano] = v.value;
  std::string time = TRY(time_text(hour, minute, second, nano));
  return text(oid::kTime, std::move(time));
}
Result<WireParameter> encode(const View::Datetime& v) {
  return instant(v.value);
}
Result<WireParameter> encode(const View::Timestamp& v) {
  // What the server can hold: 4714 BC to 294276.
  constexpr int64_t kFirst = -210'866'803'200, kLast = 9'224'318'015'999;
  if (v.value < kFirst || v.value > kLast) {
    return Error::invalid_input(fmt::format("a timestamp of {} is out of range", v.value));
  }
  constexpr int64_t kDay = 86'400, kFirstDay = 10'957;  // 1970 to 2000
  const int64_t days = v.value / kDay - (v.value % kDay < 0 ? 1 : 0);
  const auto second = static_cast<uint32_t>(v.value - days * kDay);
  const auto [year, month, day] = civil_from_days(days - kFirstDay);
  return instant({year, month, day, static_cast<uint8_t>(second / 3600),
                  static_cast<uint8_t>(second / 60 % 60), static_cast<uint8_t>(second % 60), 0});
}
Result<WireParameter> encode(const View::Uuid& v) {
  std::string digits = TRY(uuid(v.value));
  return text(oid::kUuid, std::move(digits));
}
Result<WireParameter> encode(const View::Jsonb& v) {
  const std::string document = copy(v.value);
  return string(document);
}
Result<WireParameter> encode(const View::Decimal& v) {
  std::string digits = TRY(decimal(v.value));
  return text(oid::kNumeric, std::move(digits));
}
Result<WireParameter> encode(const View::RangeInt32& v) {
  return range(oid::kInt4Range, v.value);
}
Result<WireParameter> encode(const View::RangeInt64& v) {
  return range(oid::kInt8Range, v.value);
}
Result<WireParameter> encode(const View::RangeDecimal& v) {
  return range(oid::kNumRange, v.value);
}
Result<WireParameter> encode(const View::ArrayInt32& v) {
  return array(oid::kInt4Array, v.value);
}
Result<WireParameter> encode(const View::ArrayInt64& v) {
  return array(oid::kInt8Array, v.value);
}
Result<WireParameter> encode(const View::ArrayDecimal& v) {
  return array(oid::kNumericArray, v.value);
}
Result<WireParameter> encode(const View::ArrayStr& v) {
  for (const auto& item : v.value) {
    if (item) TRY(string(*item));
  }
  return strings(v.value);
}
Result<WireParameter> encode(const View::Interval& v) {
  return binary(oid::kInterval,
                big_endian(v.value.micros) + big_endian(v.value.days) + big_endian(v.value.months));
}
Result<WireParameter> encode(const View::DbNull&) {
  return WireParameter{};
}

}  // namespace

Result<WireParameter> encode_parameter(const View& value) {
  return std::visit([](const auto& of) { return encode(of); }, value.value);
}

}  // namespace spindle::host::postgres
