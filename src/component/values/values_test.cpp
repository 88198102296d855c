#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "component/values/lift_lower.h"

namespace spindle::component {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A memory with a bump allocator that writes down what it is asked for.
class Side final : public AbiSide {
 public:
  explicit Side(StringEncoding encoding = StringEncoding::Utf8, size_t size = 1024)
      : AbiSide(encoding), bytes(size) {}

  std::span<uint8_t> memory() override { return bytes; }
  Result<uint32_t> realloc(const ReallocRequest& request) override {
    calls.push_back(fmt::format("{}+{} align {} to {}", request.old_pointer, request.old_size,
                                request.align, request.new_size));
    const uint32_t pointer = next + skew;
    next += 64;
    if (request.old_size > 0 && pointer + request.old_size <= bytes.size()) {
      std::memmove(bytes.data() + pointer, bytes.data() + request.old_pointer,
                   std::min(request.old_size, request.new_size));
    }
    return pointer;
  }
  Result<uint64_t> lift_handle(const ValueType&, uint32_t index) override { return index + 100; }
  Result<uint32_t> lower_handle(const ValueType&, uint64_t representation) override {
    return static_cast<uint32_t>(representation - 100);
  }

  std::vector<uint8_t> bytes;
  uint32_t next = 64;
  uint32_t skew = 0;
  std::vector<std::string> calls;
};

std::string message(const Result<DynamicValue>& result) {
  return result ? "no error" : result.error().message();
}

DynamicValue text(std::string bytes, StringForm form) {
  DynamicValue value = DynamicValue::string(std::move(bytes));
  value.form = form;
  return value;
}

struct Transcoding {
  StringForm from;
  std::string bytes;
  StringEncoding to;
  uint32_t length;
  std::string stored;
  std::vector<std::string> calls;
};

TEST(LowerString, TranscodesWithTheSpecifiedCallsOfRealloc) {
  using enum StringForm;
  constexpr uint32_t kTag = 1U << 31;
  const std::string wide("a\0\x34\x12", 4);      // U+0061 U+1234
  const std::string latin_wide("a\0\xe9\0", 4);  // U+0061 U+00e9
  const std::vector<Transcoding> table = {
      {Utf8, "ab", StringEncoding::Utf8, 2, "ab", {"0+0 align 1 to 2"}},
      {Utf16, std::string("a\0b\0", 4), StringEncoding::Utf8, 2, "ab", {"0+0 align 1 to 2"}},
      {Utf16,
       wide,
       StringEncoding::Utf8,
       4,
       "a\xe1\x88\xb4",
       {"0+0 align 1 to 2", "64+2 align 1 to 6", "128+6 align 1 to 4"}},
      {Latin1,
       "a\xe9",
       StringEncoding::Utf8,
       3,
       "a\xc3\xa9",
       {"0+0 align 1 to 2", "64+2 align 1 to 4", "128+4 align 1 to 3"}},
      {Utf8,
       "a\xc3\xa9",
       StringEncoding::Utf16,
       2,
       latin_wide,
       {"0+0 align 2 to 6", "64+6 align 2 to 4"}},
      {Latin1, "a\xe9", StringEncoding::Utf16, 2, latin_wide, {"0+0 align 2 to 4"}},
      {Utf8,
       "a\xc3\xa9",
       StringEncoding::Latin1OrUtf16,
       2,
       "a\xe9",
       {"0+0 align 2 to 3", "64+3 align 2 to 2"}},
      {Utf16,
       wide,
       StringEncoding::Latin1OrUtf16,
       2 | kTag,
       wide,
       {"0+0 align 2 to 2", "64+2 align 2 to 4"}},
      {TaggedUtf16,
       latin_wide,
       StringEncoding::Latin1OrUtf16,
       2,
       "a\xe9",
       {"0+0 align 2 to 4", "64+4 align 1 to 2"}},
      {TaggedUtf16, wide, StringEncoding::Latin1OrUtf16, 2 | kTag, wide, {"0+0 align 2 to 4"}},
      {Utf8, "", StringEncoding::Utf16, 0, "", {"0+0 align 2 to 0"}},
  };
  for (const Transcoding& row : table) {
    Side side(row.to);
    const StringRange range = lower_string(side, text(row.bytes, row.from)).value();
    EXPECT_EQ(range.length, row.length) << row.bytes;
    EXPECT_EQ(side.calls, row.calls) << row.bytes;
    const auto* stored = reinterpret_cast<const char*>(side.bytes.data()) + range.pointer;
    EXPECT_EQ(std::string(stored, row.stored.size()), row.stored);
  }
}

TEST(LowerString, RejectsWhatReallocMustNotReturn) {
  Side skewed(StringEncoding::Utf16);
  skewed.skew = 1;
  EXPECT_EQ(lower_string(skewed, DynamicValue::string("a")).error().message(),
            "realloc return: result not aligned");
  Side beyond;
  beyond.next = 1023;
  EXPECT_EQ(lower_string(beyond, DynamicValue::string("ab")).error().message(),
            "realloc return: beyond end of memory");
}

TEST(LiftString, RejectsWhatIsNotAString) {
  struct Row {
    StringEncoding encoding;
    std::string bytes;
    StringRange range;
    std::string message;
  };
  const std::vector<Row> table = {
      {StringEncoding::Utf8, "", {1025, 0}, "string content out-of-bounds"},
      {StringEncoding::Utf8, "", {1020, 5}, "string content out-of-bounds"},
      {StringEncoding::Utf8, "", {0, UINT32_MAX}, "string content out-of-bounds"},
      {StringEncoding::Utf16, "", {1, 0}, "unaligned pointer"},
      {StringEncoding::Latin1OrUtf16, "", {3, 0}, "unaligned pointer"},
      {StringEncoding::Utf16, "", {2, 0x80000000}, "string content out-of-bounds"},
      {StringEncoding::Utf8, "\xff", {0, 1}, "invalid utf-8"},
      {StringEncoding::Utf8, "a\xe1\x88", {0, 3}, "incomplete utf-8"},
      {StringEncoding::Utf8, "\xed\xa0\x80", {0, 3}, "invalid utf-8"},
      {StringEncoding::Utf16, std::string("\0\xdc", 2), {0, 1}, "unpaired surrogate"},
      {StringEncoding::Utf16, std::string("\0\xd8", 2), {0, 1}, "unpaired surrogate"},
  };
  for (const Row& row : table) {
    Side side(row.encoding);
    std::memcpy(side.bytes.data(), row.bytes.data(), row.bytes.size());
    EXPECT_THAT(message(lift_string(side, row.range)), HasSubstr(row.message));
  }
}

TEST(LiftFlat, NarrowsScalarsAndChecksThem) {
  TypeTable types;
  struct Row {
    TypeKind kind;
    uint64_t flat;
    uint64_t bits;
  };
  const std::vector<Row> table = {
      {TypeKind::Bool, 0x100, 1},
      {TypeKind::U8, 0x1ff, 0xff},
      {TypeKind::S8, 0x80, static_cast<uint64_t>(-128)},
      {TypeKind::U16, 0xfffff, 0xffff},
      {TypeKind::S32, 0xffffffff, static_cast<uint64_t>(-1)},
      {TypeKind::U32, 0x1'0000'0001, 1},
      {TypeKind::F32, 0xffc12345, 0x7fc00000},
      {TypeKind::F64, 0xfff8000000000001, 0x7ff8000000000000},
      {TypeKind::Char, 0x10ffff, 0x10ffff},
  };
  Side side;
  for (const Row& row : table) {
    FlatReader flat(std::span(&row.flat, 1));
    EXPECT_EQ(lift_flat(side, *types.primitive(row.kind), flat).value().bits, row.bits);
  }
  for (uint64_t wrong : {uint64_t{0xd800}, uint64_t{0xdfff}, uint64_t{0x110000}}) {
    FlatReader flat(std::span(&wrong, 1));
    EXPECT_THAT(message(lift_flat(side, *types.primitive(TypeKind::Char), flat)),
                HasSubstr("invalid `char` bit pattern"));
  }
}

TEST(ValueType, HasTheSpecifiedLayout) {
  TypeTable types;
  TypeRef u8 = types.primitive(TypeKind::U8);
  TypeRef u64 = types.primitive(TypeKind::U64);
  TypeRef f32 = types.primitive(TypeKind::F32);
  TypeRef pair = types.tuple(std::array{u8, u64}).value();
  EXPECT_EQ(pair->size, 16U);
  EXPECT_EQ(pair->members[1].offset, 8U);
  EXPECT_FALSE(pair->copyable) << "it has padding";
  TypeRef either = types.result(f32, u64).value();
  EXPECT_EQ(either->payload_offset, 8U);
  EXPECT_THAT(either->flat, ElementsAre(FlatType::I32, FlatType::I64));
  TypeRef narrow = types.result(f32, u8).value();
  EXPECT_THAT(narrow->flat, ElementsAre(FlatType::I32, FlatType::I32));
  EXPECT_EQ(types.enumeration(std::vector<std::string>(257, "x")).value()->size, 2U);
  EXPECT_EQ(types.result(f32, u64).value(), either) << "equal types are one object";
}

TEST(ValueType, RefusesDeepAndHugeTypes) {
  TypeTable types;
  TypeRef type = types.primitive(TypeKind::U64);
  Result<TypeRef> huge = types.fixed_list(type, 1U << 26);
  EXPECT_EQ(huge.error().kind(), ErrorKind::LimitExceeded);
  Result<TypeRef> deep = type;
  while (deep) deep = types.option(*deep);
  EXPECT_EQ(deep.error().kind(), ErrorKind::LimitExceeded);
}

TEST(LiftAndLower, RoundTripThroughMemory) {
  TypeTable types;
  TypeRef string = types.primitive(TypeKind::String);
  TypeRef bytes = types.list(types.primitive(TypeKind::U8)).value();
  TypeRef record = types
                       .record({{"name", types.option(string).value()},
                                {"data", bytes},
                                {"tags", types.list(string).value()},
                                {"flags", types.flags({"a", "b"}).value()}})
                       .value();
  DynamicValue value;
  value.items.resize(4);
  value.items[0].bits = 1;
  value.items[0].items = {DynamicValue::string("hello")};
  value.items[1].bytes = "raw";
  value.items[2].items = {DynamicValue::string("x"), DynamicValue::string("y")};
  value.items[3].bits = 2;
  Side side;
  ASSERT_TRUE(lower_memory(side, *record, value, 0));
  EXPECT_EQ(lift_memory(side, *record, 0).value(), value);
  std::vector<uint64_t> flat;
  ASSERT_TRUE(lower_flat(side, *record, value, flat));
  EXPECT_EQ(flat.size(), record->flat_count);
  FlatReader reader(flat);
  EXPECT_EQ(lift_flat(side, *record, reader).value(), value);
}

TEST(LiftMemory, RejectsWhatLiesOutside) {
  TypeTable types;
  TypeRef list = types.list(types.primitive(TypeKind::U32)).value();
  TypeRef choice = types.option(types.primitive(TypeKind::U8)).value();
  struct Row {
    TypeRef type;
    std::array<uint32_t, 2> words;
    uint32_t pointer;
    std::string message;
  };
  const std::vector<Row> table = {
      {list, {2, 1}, 0, "unaligned pointer"},
      {list, {1024, 1}, 0, "list content out-of-bounds"},
      {list, {0, 0x40000000}, 0, "list content out-of-bounds"},
      {list, {0, 0}, 2, "unaligned pointer"},
      {list, {0, 0}, 1020, "pointer out of bounds"},
      {choice, {2, 0}, 0, "invalid variant discriminant"},
  };
  for (const Row& row : table) {
    Side side;
    std::memcpy(side.bytes.data(), row.words.data(), 8);
    EXPECT_THAT(message(lift_memory(side, *row.type, row.pointer)), HasSubstr(row.message));
  }
}

TEST(LiftMemory, StopsWhenAValueWouldTakeTooMuchHostMemory) {
  TypeTable types;
  TypeRef inner = types.list(types.primitive(TypeKind::Bool)).value();
  TypeRef outer = types.list(inner).value();
  Side side(StringEncoding::Utf8, 1 << 20);
  // Every element of the outer list is the same long inner list.
  for (uint32_t at = 0; at < (1 << 19); at += 8) {
    const std::array<uint32_t, 2> range{1 << 19, 1 << 19};
    std::memcpy(side.bytes.data() + at, range.data(), 8);
  }
  const std::array<uint64_t, 2> flat{0, (1 << 19) / 8};
  side.fuel() = 1 << 26;
  FlatReader reader(flat);
  EXPECT_EQ(lift_flat(side, *outer, reader).error().kind(), ErrorKind::Trap);
}

}  // namespace
}  // namespace spindle::component
