#include "base/byte_reader.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/utf8.h"

namespace spindle {
namespace {

using Bytes = std::vector<uint8_t>;

TEST(ByteReader, ReadsSignedAndUnsignedLeb) {
  Bytes unsigned_bytes{0xe5, 0x8e, 0x26};
  EXPECT_EQ(ByteReader(unsigned_bytes).leb_u32().value(), 624485u);
  Bytes negative{0xc0, 0xbb, 0x78};
  EXPECT_EQ(ByteReader(negative).leb_s32().value(), -123456);
  Bytes minus_one{0x7f};
  EXPECT_EQ(ByteReader(minus_one).leb_s64().value(), -1);
  Bytes smallest{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f};
  EXPECT_EQ(ByteReader(smallest).leb_s64().value(), INT64_MIN);
  Bytes s33{0xff, 0xff, 0xff, 0xff, 0x0f};
  EXPECT_EQ(ByteReader(s33).leb_s33().value(), 4294967295);
}

TEST(ByteReader, RefusesLebThatDoesNotFit) {
  Bytes too_large{0xff, 0xff, 0xff, 0xff, 0x1f};
  EXPECT_EQ(ByteReader(too_large).leb_u32().error().message(), "integer too large");
  Bytes too_long{0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
  EXPECT_EQ(ByteReader(too_long).leb_u32().error().message(), "integer representation too long");
  Bytes bad_sign{0xff, 0xff, 0xff, 0xff, 0x4f};
  EXPECT_EQ(ByteReader(bad_sign).leb_s32().error().message(), "integer too large");
}

TEST(ByteReader, PartsKeepTheOffsetsOfTheWhole) {
  Bytes bytes{1, 2, 3, 4};
  ByteReader reader(bytes, 100);
  reader.u8().value();
  auto part = reader.take(2).value();
  part.u16_le().value();
  auto failed = part.u8();
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().offset(), 103u);
  EXPECT_EQ(reader.u8().value(), 4);
}

TEST(ByteReader, NamesAreLimitedAndValidUtf8) {
  Bytes good{3, 'a', 0xc3, 0xa9};
  EXPECT_EQ(ByteReader(good).name(10).value(), "a\xc3\xa9");
  EXPECT_EQ(ByteReader(good).name(2).error().kind(), ErrorKind::LimitExceeded);
  Bytes bad{2, 0xc3, 0x28};
  EXPECT_EQ(ByteReader(bad).name(10).error().message(), "malformed UTF-8 encoding");
  Bytes cut{5, 'a'};
  EXPECT_EQ(ByteReader(cut).name(10).error().kind(), ErrorKind::InvalidInput);
}

TEST(Utf8, AcceptsAndRefusesAsUnicodeSays) {
  for (const char* good :
       {"", "plain", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf", "sixteen bytes and \xe2\x82\xac more of it"}) {
    EXPECT_TRUE(is_valid_utf8(good)) << good;
  }
  for (const char* bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "fifteen bytes..\xff"}) {
    EXPECT_FALSE(is_valid_utf8(bad)) << bad;
  }
}

}  // namespace
}  // namespace spindle
