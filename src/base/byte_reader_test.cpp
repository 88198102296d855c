#include "base/byte_reader.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
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

// What a reader does with the first `length` bytes of `bytes`, for every length: all errors are
// InvalidInput, at the place where bytes are missing, and nothing is read beyond them.
template <typename Read>
void check_truncated(const Bytes& bytes, Read read) {
  for (size_t length = 0; length < bytes.size(); ++length) {
    // A copy of its own, so that AddressSanitizer sees the end.
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
    ByteReader reader(cut, 1000);
    auto result = read(reader);
    ASSERT_FALSE(result.has_value()) << length << " of " << bytes.size();
    EXPECT_EQ(result.error().kind(), ErrorKind::InvalidInput);
    ASSERT_TRUE(result.error().offset().has_value());
    EXPECT_GE(*result.error().offset(), 1000u);
    EXPECT_LE(*result.error().offset(), 1000 + length);
  }
  ByteReader whole(bytes);
  EXPECT_TRUE(read(whole).has_value());
  EXPECT_TRUE(whole.at_end());
}

TEST(ByteReader, FailsAtEveryPlaceWhereBytesAreMissing) {
  check_truncated({1}, [](ByteReader& reader) { return reader.u8(); });
  check_truncated({1, 2}, [](ByteReader& reader) { return reader.u16_le(); });
  check_truncated({1, 2, 3, 4}, [](ByteReader& reader) { return reader.u32_le(); });
  check_truncated({1, 2, 3, 4, 5, 6, 7, 8}, [](ByteReader& reader) { return reader.u64_le(); });
  check_truncated({0xff, 0xff, 0xff, 0xff, 0x0f},
                  [](ByteReader& reader) { return reader.leb_u32(); });
  check_truncated({0x80, 0x80, 0x01}, [](ByteReader& reader) { return reader.leb_u64(); });
  check_truncated({0x80, 0x80, 0x41}, [](ByteReader& reader) { return reader.leb_s32(); });
  check_truncated({0xff, 0x7f}, [](ByteReader& reader) { return reader.leb_s64(); });
  check_truncated({0xff, 0xff, 0xff, 0xff, 0x0f},
                  [](ByteReader& reader) { return reader.leb_s33(); });
  check_truncated({1, 2, 3}, [](ByteReader& reader) { return reader.bytes(3); });
  check_truncated({3, 'a', 'b', 'c'}, [](ByteReader& reader) { return reader.name(3); });
}

TEST(ByteReader, ReadsLittleEndianNumbers) {
  const Bytes bytes{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88};
  EXPECT_EQ(ByteReader(bytes).u16_le().value(), 0x0201);
  EXPECT_EQ(ByteReader(bytes).u32_le().value(), 0x04030201u);
  EXPECT_EQ(ByteReader(bytes).u64_le().value(), 0x8807060504030201u);
}

TEST(ByteReader, AFailedReadTakesNothing) {
  const Bytes bytes{9, 8, 7};
  ByteReader reader(bytes);
  EXPECT_FALSE(reader.u32_le().has_value());
  EXPECT_FALSE(reader.bytes(4).has_value());
  EXPECT_FALSE(reader.take(SIZE_MAX).has_value());
  EXPECT_FALSE(reader.bytes(SIZE_MAX).has_value());
  EXPECT_EQ(reader.offset(), 0u);
  EXPECT_EQ(reader.peek().value(), 9);
  EXPECT_EQ(reader.remaining(), 3u);
}

TEST(ByteReader, LengthsBeyondTheInputAreNotBelieved) {
  const Bytes huge{0xff, 0xff, 0xff, 0xff, 0x0f, 'a'};
  EXPECT_EQ(ByteReader(huge).name(100).error().kind(), ErrorKind::LimitExceeded);
  EXPECT_EQ(ByteReader(huge).name(SIZE_MAX).error().kind(), ErrorKind::InvalidInput);
}

TEST(ByteReader, LebAcceptsPaddingOnlyWithinItsWidth) {
  struct Case {
    Bytes bytes;
    bool u32;
    bool s32;
    bool s33;
    bool u64;
  };
  const std::vector<Case> cases{
      {{0x80, 0x00}, true, true, true, true},
      {{0x80, 0x80, 0x80, 0x80, 0x00}, true, true, true, true},
      {{0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, false, false, false, true},
      {{0xff, 0xff, 0xff, 0xff, 0x7f}, false, true, true, true},
      {{0xff, 0xff, 0xff, 0xff, 0x07}, true, true, true, true},
      {{0xff, 0xff, 0xff, 0xff, 0x08}, true, false, true, true},
      {{0x80, 0x80, 0x80, 0x80, 0x70}, false, false, true, true},
      {{0x80, 0x80, 0x80, 0x80, 0x78}, false, true, true, true},
      {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}, false, false, false, true},
      {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02}, false, false, false, false},
  };
  for (const Case& item : cases) {
    const std::string shown = ::testing::PrintToString(item.bytes);
    EXPECT_EQ(ByteReader(item.bytes).leb_u32().has_value(), item.u32) << shown;
    EXPECT_EQ(ByteReader(item.bytes).leb_s32().has_value(), item.s32) << shown;
    EXPECT_EQ(ByteReader(item.bytes).leb_s33().has_value(), item.s33) << shown;
    EXPECT_EQ(ByteReader(item.bytes).leb_u64().has_value(), item.u64) << shown;
  }
}

// By the definition: decode every two and three byte sequence by hand.
bool is_utf8_by_definition(std::string_view text) {
  size_t at = 0;
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0U; };
  while (at < text.size()) {
    const unsigned first = byte(at);
    const size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first >= 0x80 && (first < 0xc2 || first > 0xf4)) return false;
    unsigned point = length == 1 ? first : first & (0xffU >> (length + 1));
    for (size_t i = 1; i < length; ++i) {
      if ((byte(at + i) & 0xc0) != 0x80) return false;
      point = (point << 6) | (byte(at + i) & 0x3f);
    }
    constexpr std::array<unsigned, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    if (point < kSmallest[length] || point > 0x10ffff) return false;
    if (point >= 0xd800 && point <= 0xdfff) return false;
    at += length;
  }
  return true;
}

TEST(Utf8, AgreesWithTheDefinitionOnAllShortTexts) {
  // Behind and before plain text too, where a fast path may end.
  for (const std::string prefix : {"", "seven b", "sixteen bytes ok"}) {
    for (unsigned one = 0x70; one < 0x100; ++one) {
      for (unsigned two = 0; two < 0x100; two += one < 0xc0 ? 37 : 1) {
        for (const std::string& rest : {std::string(), std::string("\x80"), std::string("\xbf\x80"),
                                        std::string("plain text here")}) {
          std::string text = prefix;
          text += static_cast<char>(one);
          text += static_cast<char>(two);
          text += rest;
          ASSERT_EQ(is_valid_utf8(text), is_utf8_by_definition(text))
              << ::testing::PrintToString(text);
        }
      }
    }
  }
}

}  // namespace
}  // namespace spindle
