// From the server's binary format (postgresql.org: the `_send` functions of src/backend/utils/adt).
#include <fmt/format.h>

#include <bit>
#include <concepts>
#include <limits>

#include "base/utf8.h"
#include "host/postgres/calendar.h"
#include "host/postgres/types.h"
#include "host/postgres/values.h"

namespace spindle::host::postgres {
namespace {

using Type = api::DbDataType;
using Value = api::DbValue;

// A cursor over big-endian numbers.
class Wire {
 public:
  explicit Wire(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  template <std::integral T>
  Result<T> number() {
    const auto raw = TRY(take(sizeof(T)));
    std::make_unsigned_t<T> value = 0;
    for (const uint8_t byte : raw) value = static_cast<decltype(value)>(value << 8 | byte);
    return static_cast<T>(value);
  }
  Result<std::span<const uint8_t>> take(size_t count) {
    if (count > bytes_.size()) return Error::invalid_input("the server sent a value cut short");
    const auto taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }
  // A length, then so many bytes; nothing where the length is -1.
  Result<std::optional<std::span<const uint8_t>>> element() {
    const auto length = TRY(number<int32_t>());
    using Element = std::optional<std::span<const uint8_t>>;
    if (length < 0) return Element();
    const auto bytes = TRY(take(static_cast<size_t>(length)));
    return Element(bytes);
  }
  Result<void> at_end() const {
    if (bytes_.empty()) return {};
    return Error::invalid_input("the server sent a value that is too long");
  }
  std::span<const uint8_t> rest() const { return bytes_; }

 private:
  std::span<const uint8_t> bytes_;
};

template <std::integral T>
Result<T> whole_number(std::span<const uint8_t> bytes) {
  Wire wire(bytes);
  const T value = TRY(wire.number<T>());
  TRY(wire.at_end());
  return value;
}

template <std::floating_point T, std::integral Bits>
Result<T> floating(std::span<const uint8_t> bytes) {
  const Bits bits = TRY(whole_number<Bits>(bytes));
  return std::bit_cast<T>(bits);
}

Result<bool> boolean(std::span<const uint8_t> bytes) {
  const auto value = TRY(whole_number<uint8_t>(bytes));
  return value != 0;
}

// Databases whose encoding is SQL_ASCII hold anything.
Result<std::string> string(std::span<const uint8_t> bytes) {
  std::string text(bytes.begin(), bytes.end());
  if (!is_valid_utf8(text))
    return Error::invalid_input("the server sent a string that is not UTF-8");
  return text;
}

constexpr uint32_t kNaN = 0xC000, kPlusInfinity = 0xD000, kMinusInfinity = 0xF000,
                   kNegative = 0x4000;

// numeric: groups of four decimal digits, the first of them of weight 10000^weight, and how many
// digits to show after the point.
struct Numeric {
  std::vector<uint16_t> groups;
  int weight = 0;
  uint16_t sign = 0;
  uint16_t scale = 0;

  unsigned group(int at) const {
    const int index = weight - at;
    if (index < 0 || std::cmp_greater_equal(index, groups.size())) return 0;
    return groups[static_cast<size_t>(index)];
  }
};

Result<Numeric> read_numeric(std::span<const uint8_t> bytes) {
  Wire wire(bytes);
  Numeric numeric;
  const auto count = TRY(wire.number<uint16_t>());
  numeric.weight = TRY(wire.number<int16_t>());
  numeric.sign = TRY(wire.number<uint16_t>());
  numeric.scale = TRY(wire.number<uint16_t>());
  for (unsigned i = 0; i < count; ++i) {
    const auto group = TRY(wire.number<uint16_t>());
    if (group > 9999) return Error::invalid_input("the server sent a malformed numeric");
    numeric.groups.push_back(group);
  }
  TRY(wire.at_end());
  return numeric;
}

Result<std::string> decimal(std::span<const uint8_t> bytes) {
  const Numeric numeric = TRY(read_numeric(bytes));
  if (numeric.sign == kNaN) return std::string("NaN");
  if (numeric.sign == kPlusInfinity) return std::string("Infinity");
  if (numeric.sign == kMinusInfinity) return std::string("-Infinity");
  std::string digits = numeric.sign == kNegative ? "-" : "";
  digits += fmt::format("{}", numeric.weight < 0 ? 0 : numeric.group(numeric.weight));
  for (int at = numeric.weight - 1; at >= 0; --at)
    digits += fmt::format("{:04}", numeric.group(at));
  if (numeric.scale == 0) return digits;
  digits += '.';
  const size_t end = digits.size() + numeric.scale;
  for (int at = -1; digits.size() < end; --at) digits += fmt::format("{:04}", numeric.group(at));
  digits.resize(end);
  return digits;
}

constexpr int64_t kMicrosPerDay = 86'400'000'000;

Error not_expressible(std::string_view what) {
  return Error::invalid_input(fmt::format("{} cannot be expressed", what));
}

Result<Value> date(std::span<const uint8_t> bytes) {
  const auto days = TRY(whole_number<int32_t>(bytes));
  if (days == std::numeric_limits<int32_t>::max() || days == std::numeric_limits<int32_t>::min())
    return not_expressible("a date of infinity");
  return Value{Value::Date{civil_from_days(days)}};
}

using Clock = std::tuple<uint8_t, uint8_t, uint8_t, uint32_t>;

Clock clock_of(int64_t micros) {
  const int64_t seconds = micros / 1'000'000;
  return {static_cast<uint8_t>(seconds / 3600), static_cast<uint8_t>(seconds / 60 % 60),
          static_cast<uint8_t>(seconds % 60), static_cast<uint32_t>(micros % 1'000'000 * 1000)};
}

Result<Value> time(std::span<const uint8_t> bytes) {
  const auto micros = TRY(whole_number<int64_t>(bytes));
  if (micros < 0 || micros > kMicrosPerDay) return not_expressible("a time outside of the day");
  return Value{Value::Time{clock_of(micros)}};
}

Result<Value> datetime(std::span<const uint8_t> bytes) {
  const auto micros = TRY(whole_number<int64_t>(bytes));
  if (micros == std::numeric_limits<int64_t>::max() ||
      micros == std::numeric_limits<int64_t>::min())
    return not_expressible("a timestamp of infinity");
  int64_t days = micros / kMicrosPerDay;
  int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    days -= 1;
  }
  const auto [year, month, day] = civil_from_days(days);
  const auto [hour, minute, second, nano] = clock_of(rest);
  return Value{Value::Datetime{{year, month, day, hour, minute, second, nano}}};
}

Result<Value> interval(std::span<const uint8_t> bytes) {
  Wire wire(bytes);
  api::Interval value;
  value.micros = TRY(wire.number<int64_t>());
  value.days = TRY(wire.number<int32_t>());
  value.months = TRY(wire.number<int32_t>());
  TRY(wire.at_end());
  return Value{Value::Interval{value}};
}

Result<Value> uuid(std::span<const uint8_t> bytes) {
  if (bytes.size() != 16) return Error::invalid_input("the server sent a malformed uuid");
  std::string digits;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) digits += '-';
    digits += fmt::format("{:02x}", bytes[i]);
  }
  return Value{Value::Uuid{std::move(digits)}};
}

Result<Value> jsonb(std::span<const uint8_t> bytes) {
  if (bytes.empty() || bytes[0] != 1) return not_expressible("this version of jsonb");
  return Value{Value::Jsonb{{bytes.begin() + 1, bytes.end()}}};
}

// Arrays of one dimension; an empty one has none.
template <typename T, typename Decode>
Result<std::vector<std::optional<T>>> array(std::span<const uint8_t> bytes, Decode decode) {
  Wire wire(bytes);
  const auto dimensions = TRY(wire.number<int32_t>());
  TRY(wire.number<int32_t>());   // has nulls
  TRY(wire.number<uint32_t>());  // of elements
  if (dimensions > 1) return not_expressible("an array of several dimensions");
  std::vector<std::optional<T>> items;
  if (dimensions == 1) {
    const auto count = TRY(wire.number<int32_t>());
    TRY(wire.number<int32_t>());  // lower bound
    for (int32_t i = 0; i < count; ++i) {
      const auto element = TRY(wire.element());
      if (!element) {
        items.emplace_back();
        continue;
      }
      T item = TRY(decode(*element));
      items.emplace_back(std::move(item));
    }
  }
  TRY(wire.at_end());
  return items;
}

template <typename T>
using Bound = std::optional<std::tuple<T, api::RangeBoundKind>>;
template <typename T>
using Range = std::tuple<Bound<T>, Bound<T>>;

constexpr uint8_t kEmptyRange = 0x01, kLowerInclusive = 0x02, kUpperInclusive = 0x04,
                  kLowerInfinite = 0x08, kUpperInfinite = 0x10;

template <typename T, typename Decode>
Result<Bound<T>> bound(Wire& wire, api::RangeBoundKind kind, Decode decode) {
  const auto element = TRY(wire.element());
  if (!element) return Error::invalid_input("the server sent a malformed range");
  T value = TRY(decode(*element));
  return Bound<T>(std::tuple(std::move(value), kind));
}

// The interface has no empty range; one from a value to itself without its bounds is empty.
template <typename T, typename Decode>
Result<Range<T>> range(std::span<const uint8_t> bytes, T zero, Decode decode) {
  using enum api::RangeBoundKind;
  Wire wire(bytes);
  const auto flags = TRY(wire.number<uint8_t>());
  if ((flags & kEmptyRange) != 0) {
    return Range<T>(std::tuple(zero, Exclusive), std::tuple(zero, Exclusive));
  }
  Range<T> value;
  if ((flags & kLowerInfinite) == 0) {
    const auto kind = (flags & kLowerInclusive) != 0 ? Inclusive : Exclusive;
    std::get<0>(value) = TRY(bound<T>(wire, kind, decode));
  }
  if ((flags & kUpperInfinite) == 0) {
    const auto kind = (flags & kUpperInclusive) != 0 ? Inclusive : Exclusive;
    std::get<1>(value) = TRY(bound<T>(wire, kind, decode));
  }
  TRY(wire.at_end());
  return value;
}

template <typename Case, typename T>
Result<Value> as(Result<T> decoded) {
  T value = TRY(std::move(decoded));
  return Value{Case{std::move(value)}};
}

Result<Value> decode_number(uint32_t type, std::span<const uint8_t> bytes) {
  switch (type) {
    case oid::kInt2: return as<Value::Int16>(whole_number<int16_t>(bytes));
    case oid::kInt4: return as<Value::Int32>(whole_number<int32_t>(bytes));
    case oid::kInt8: return as<Value::Int64>(whole_number<int64_t>(bytes));
    case oid::kFloat4: return as<Value::Floating32>(floating<float, int32_t>(bytes));
    case oid::kFloat8: return as<Value::Floating64>(floating<double, int64_t>(bytes));
    default: return as<Value::Decimal>(decimal(bytes));
  }
}

Result<Value> decode_compound(uint32_t type, std::span<const uint8_t> bytes) {
  switch (type) {
    case oid::kInt4Range:
      return as<Value::RangeInt32>(range<int32_t>(bytes, 0, &whole_number<int32_t>));
    case oid::kInt8Range:
      return as<Value::RangeInt64>(range<int64_t>(bytes, 0, &whole_number<int64_t>));
    case oid::kNumRange: return as<Value::RangeDecimal>(range<std::string>(bytes, "0", &decimal));
    case oid::kInt4Array:
      return as<Value::ArrayInt32>(array<int32_t>(bytes, &whole_number<int32_t>));
    case oid::kInt8Array:
      return as<Value::ArrayInt64>(array<int64_t>(bytes, &whole_number<int64_t>));
    case oid::kNumericArray: return as<Value::ArrayDecimal>(array<std::string>(bytes, &decimal));
    default: return as<Value::ArrayStr>(array<std::string>(bytes, &string));
  }
}

}  // namespace

api::DbDataType data_type_of(uint32_t type) {
  switch (type) {
      // clang-format off
    case oid::kBool: return {Type::Boolean{}};
    case oid::kInt2: return {Type::Int16{}};
    case oid::kInt4: return {Type::Int32{}};
    case oid::kInt8: return {Type::Int64{}};
    case oid::kFloat4: return {Type::Floating32{}};
    case oid::kFloat8: return {Type::Floating64{}};
    case oid::kText: case oid::kVarchar: case oid::kBpchar: return {Type::Str{}};
    case oid::kBytea: return {Type::Binary{}};
    case oid::kDate: return {Type::Date{}};
    case oid::kTime: return {Type::Time{}};
    case oid::kTimestamp: case oid::kTimestamptz: return {Type::Datetime{}};
    case oid::kUuid: return {Type::Uuid{}};
    case oid::kJsonb: return {Type::Jsonb{}};
    case oid::kNumeric: return {Type::Decimal{}};
    case oid::kInt4Range: return {Type::RangeInt32{}};
    case oid::kInt8Range: return {Type::RangeInt64{}};
    case oid::kNumRange: return {Type::RangeDecimal{}};
    case oid::kInt4Array: return {Type::ArrayInt32{}};
    case oid::kInt8Array: return {Type::ArrayInt64{}};
    case oid::kNumericArray: return {Type::ArrayDecimal{}};
    case oid::kTextArray: case oid::kVarcharArray:
    case oid::kBpcharArray: return {Type::ArrayStr{}};
    case oid::kInterval: return {Type::Interval{}};
    default: return {Type::Other{std::string(oid::builtin_name(type))}};
      // clang-format on
  }
}

Result<api::DbValue> decode_value(uint32_t type, std::span<const uint8_t> bytes) {
  switch (type) {
      // clang-format off
    case oid::kBool: return as<Value::Boolean>(boolean(bytes));
    case oid::kInt2: case oid::kInt4: case oid::kInt8: case oid::kFloat4: case oid::kFloat8:
    case oid::kNumeric: return decode_number(type, bytes);
    case oid::kText: case oid::kVarchar: case oid::kBpchar: return as<Value::Str>(string(bytes));
    case oid::kBytea: return Value{Value::Binary{{bytes.begin(), bytes.end()}}};
    case oid::kDate: return date(bytes);
    case oid::kTime: return time(bytes);
    case oid::kTimestamp: case oid::kTimestamptz: return datetime(bytes);
    case oid::kInterval: return interval(bytes);
    case oid::kUuid: return uuid(bytes);
    case oid::kJsonb: return jsonb(bytes);
    case oid::kInt4Range: case oid::kInt8Range: case oid::kNumRange: case oid::kInt4Array:
    case oid::kInt8Array: case oid::kNumericArray: case oid::kTextArray: case oid::kVarcharArray:
    case oid::kBpcharArray: return decode_compound(type, bytes);
    default: return Value{Value::Unsupported{{bytes.begin(), bytes.end()}}};
      // clang-format on
  }
}

}  // namespace spindle::host::postgres
