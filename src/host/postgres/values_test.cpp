// What a hostile or broken server may send; what real ones send is in postgres_test.cpp.
#include "host/postgres/values.h"

#include <gtest/gtest.h>

#include <random>

#include "host/postgres/calendar.h"
#include "host/postgres/types.h"

namespace spindle::host::postgres {
namespace {

constexpr uint32_t kDecoded[] = {
    oid::kBool,      oid::kInt2,        oid::kInt4,     oid::kInt8,      oid::kFloat4,
    oid::kFloat8,    oid::kText,        oid::kBytea,    oid::kDate,      oid::kTime,
    oid::kTimestamp, oid::kInterval,    oid::kNumeric,  oid::kUuid,      oid::kJsonb,
    oid::kInt4Range, oid::kInt8Range,   oid::kNumRange, oid::kInt4Array, oid::kInt8Array,
    oid::kTextArray, oid::kNumericArray};

using Bytes = std::vector<uint8_t>;

bool fails(uint32_t type, const Bytes& bytes) {
  return !decode_value(type, bytes).has_value();
}

TEST(Values, RefuseWhatIsMalformed) {
  const std::pair<uint32_t, Bytes> kCases[] = {
      {oid::kBool, {}},
      {oid::kBool, {1, 1}},
      {oid::kInt4, {0, 0, 1}},
      {oid::kInt4, {0, 0, 0, 0, 1}},
      {oid::kText, {0xff}},
      {oid::kDate, {0x7f, 0xff, 0xff, 0xff}},  // infinity
      {oid::kDate, {0x80, 0, 0, 0}},
      {oid::kTimestamp, {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
      {oid::kTime, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
      {oid::kUuid, Bytes(15)},
      {oid::kUuid, Bytes(17)},
      {oid::kJsonb, {}},
      {oid::kJsonb, {2, '1'}},
      {oid::kNumeric, {0, 1, 0, 0, 0, 0, 0, 0}},                 // a group is missing
      {oid::kNumeric, {0, 1, 0, 0, 0, 0, 0, 0, 0x27, 0x10}},     // of more than 9999
      {oid::kInt4Array, {0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 23}},  // two dimensions
      // More elements than bytes.
      {oid::kInt4Array, {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1}},
      {oid::kInt4Range, {0}},
      {oid::kInt4Range, {0, 0xff, 0xff, 0xff, 0xff}},
      {oid::kInt4Range, {0x18, 0}},
  };
  for (const auto& [type, bytes] : kCases) EXPECT_TRUE(fails(type, bytes)) << type;
}

// The fields of a numeric, big-endian.
Bytes numeric(std::initializer_list<uint16_t> fields) {
  Bytes bytes;
  for (const uint16_t field : fields) {
    bytes.push_back(static_cast<uint8_t>(field >> 8));
    bytes.push_back(static_cast<uint8_t>(field));
  }
  return bytes;
}

TEST(Values, WriteNumbersOfAnySize) {
  using Value = api::DbValue;
  const std::pair<Bytes, std::string> kCases[] = {
      {numeric({0, 0, 0, 0}), "0"},
      {numeric({0, 0, 0, 3}), "0.000"},
      {numeric({1, 0, 0x4000, 0, 7}), "-7"},
      {numeric({1, 1, 0, 0, 7}), "70000"},
      {numeric({1, 0xffff, 0, 2, 100}), "0.01"},
      {numeric({1, 0xfffe, 0, 6, 100}), "0.000001"},
      {numeric({2, 0, 0, 1, 12, 5000}), "12.5"},
      {numeric({1, 0x7fff, 0, 0, 1}), "1" + std::string(4 * 0x7fff, '0')},
      {numeric({0, 0x8000, 0, 0xffff}), "0." + std::string(0xffff, '0')},
  };
  for (const auto& [bytes, expected] : kCases) {
    const auto decoded = decode_value(oid::kNumeric, bytes).value();
    EXPECT_EQ(decoded, Value{Value::Decimal{expected}}) << expected.substr(0, 20);
  }
}

TEST(Values, SurviveAnyBytes) {
  std::mt19937 random(20261121);
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes(random() % 64);
    // Small numbers make lengths and counts that nearly fit.
    for (auto& byte : bytes)
      byte = static_cast<uint8_t>(random() % 4 == 0 ? random() : random() % 3);
    const uint32_t type = kDecoded[random() % std::size(kDecoded)];
    const auto decoded = decode_value(type, bytes);
    if (!decoded) EXPECT_EQ(decoded.error().kind(), ErrorKind::InvalidInput);
  }
}

TEST(Values, CountDaysOverTheWholeRange) {
  const std::pair<int64_t, Date> kCases[] = {
      {0, {2000, 1, 1}},       {59, {2000, 2, 29}},     {60, {2000, 3, 1}},
      {-1, {1999, 12, 31}},    {-10'957, {1970, 1, 1}}, {-730'119, {1, 1, 1}},
      {-730'120, {0, 12, 31}}, {-730'485, {0, 1, 1}},   {-730'426, {0, 2, 29}},
      {36'584, {2100, 3, 1}},  {36'583, {2100, 2, 28}}, {2'145'031'948, {5874897, 12, 31}},
  };
  for (const auto& [days, expected] : kCases) EXPECT_EQ(civil_from_days(days), expected) << days;
}

}  // namespace
}  // namespace spindle::host::postgres
