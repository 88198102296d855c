#include "base/byte_writer.h"

#include <gtest/gtest.h>

#include "base/byte_reader.h"

namespace spindle {
namespace {

TEST(ByteWriter, NumbersComeBackFromTheReader) {
  for (int64_t value :
       {int64_t{0}, int64_t{63}, int64_t{64}, int64_t{-64}, int64_t{-65}, int64_t{1} << 40,
        std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    ByteWriter writer;
    writer.leb_s64(value);
    ByteReader reader(writer.view());
    Result<int64_t> read = reader.leb_s64();
    ASSERT_TRUE(read.has_value()) << value;
    EXPECT_EQ(*read, value);
    EXPECT_TRUE(reader.at_end());
  }
  for (uint32_t value : {0U, 127U, 128U, 0xffff'ffffU}) {
    ByteWriter writer;
    writer.leb_u32(value);
    ByteReader reader(writer.view());
    Result<uint32_t> read = reader.leb_u32();
    ASSERT_TRUE(read.has_value()) << value;
    EXPECT_EQ(*read, value);
    EXPECT_TRUE(reader.at_end());
  }
}

TEST(ByteWriter, APaddedNumberIsReadLikeAnyAndCanBeChanged) {
  for (uint32_t value : {0U, 127U, 128U, 0xffff'ffffU}) {
    ByteWriter writer;
    writer.u8(7);
    writer.leb_u32_padded(1);
    writer.u8(8);
    writer.patch_leb_u32(1, value);
    ASSERT_EQ(writer.size(), 7U);
    ByteReader reader(writer.view().subspan(1));
    EXPECT_EQ(reader.leb_u32().value(), value);
    EXPECT_EQ(reader.u8().value(), 8);
  }
}

TEST(ByteWriter, ASectionIsItsCodeItsLengthAndItsContent) {
  ByteWriter content;
  content.name("ab");
  content.u32_fixed(0x0403'0201);
  ByteWriter writer;
  writer.section(7, content);
  EXPECT_EQ(writer.take(), (std::vector<uint8_t>{7, 7, 2, 'a', 'b', 1, 2, 3, 4}));
}

}  // namespace
}  // namespace spindle
