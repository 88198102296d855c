// Round trips and hostile inputs of typed host functions, over generated bindings.

#include <random>

#include <gmock/gmock.h>

#include "bindings/test/shapes_0_1/base_abi.h"
#include "bindings/test/shapes_0_1/missing_abi.h"
#include "bindings/test/shapes_0_1/shapes_abi.h"
#include "component/fixture/echo_host.h"
#include "component/fixture/fake_call.h"

namespace spindle::component::testing {
namespace {

using ::testing::HasSubstr;

struct Fixture {
  explicit Fixture(StringEncoding encoding = StringEncoding::Utf8) : call(encoding) {
    call.implement(shapes::implement(host));
  }
  const HostFunction& function(std::string_view name) {
    return function_named(shapes::interface(), name);
  }

  EchoHost host;
  FakeCall call;
};

std::mt19937_64& random_source() {
  static const uint64_t seed = std::random_device{}();
  static std::mt19937_64 source(seed);
  static const bool printed = (fmt::print("seed {}\n", seed), true);
  static_cast<void>(printed);
  return source;
}

template <typename T>
T random_number() {
  return static_cast<T>(random_source()());
}

char32_t random_char() {
  const auto point = static_cast<char32_t>(random_source()() % 0x110000);
  return point >= 0xd800 && point < 0xe000 ? U'\U0001f600' : point;
}

std::string random_string() {
  static constexpr std::array<std::string_view, 6> kPieces{"a",      "word ",      "\u00e9",
                                                           "\u20ac", "\U0001f600", "\u00ff"};
  std::string text;
  const size_t length = random_source()() % 12;
  // Some strings stay ASCII, some Latin-1: each encoding has its own path for those.
  const size_t choices = 1 + random_source()() % kPieces.size();
  for (size_t i = 0; i < length; ++i) text += kPieces[random_source()() % choices];
  return text;
}

shapes::Tree random_tree() {
  shapes::Tree tree{random_string(), {}, shapes::Color::DarkBlue, std::nullopt};
  for (size_t i = random_source()() % 4; i > 0; --i) tree.tags.push_back(random_string());
  if (random_number<bool>()) tree.extra = base::Named{random_string(), 1.5F};
  return tree;
}

template <typename T>
void check_echo(Fixture& fixture, std::string_view function, const T& value) {
  const Result<T> answer = call_host<T>(fixture.call, fixture.function(function), T(value));
  ASSERT_TRUE(answer.has_value()) << function << ": " << answer.error().to_string();
  EXPECT_EQ(*answer, value) << function;
}

template <typename T>
std::vector<T> random_list(T (*make)()) {
  std::vector<T> items;
  for (size_t i = random_source()() % 9; i > 0; --i) items.push_back(make());
  return items;
}

void check_random_values(StringEncoding encoding) {
  Fixture fixture(encoding);
  const shapes::Scalars scalars{.a = true,
                                .b = random_number<int8_t>(),
                                .c = random_number<uint8_t>(),
                                .d = random_number<int16_t>(),
                                .e = random_number<uint16_t>(),
                                .f = random_number<int32_t>(),
                                .g = random_number<uint32_t>(),
                                .h = random_number<int64_t>(),
                                .i = random_number<uint64_t>(),
                                .j = -0.5F,
                                .k = 1e300,
                                .l = random_char()};
  check_echo(fixture, "echo-scalars", scalars);
  check_echo(fixture, "echo-string", random_string());
  check_echo(fixture, "echo-bytes", random_list<uint8_t>(&random_number<uint8_t>));
  check_echo(fixture, "echo-words", random_list<uint32_t>(&random_number<uint32_t>));
  check_echo(fixture, "echo-bools", random_list<bool>(&random_number<bool>));
  check_echo(fixture, "echo-chars", random_list<char32_t>(&random_char));
  check_echo(fixture, "echo-tree", random_tree());
  check_echo(fixture, "echo-trees", random_list<shapes::Tree>(&random_tree));
  using Wire = std::expected<uint8_t, std::string>;
  check_echo(fixture, "echo-result", Wire(random_number<uint8_t>()));
  check_echo(fixture, "echo-result", Wire(std::unexpected(random_string())));
  using Nested = std::optional<std::optional<uint64_t>>;
  check_echo(fixture, "echo-option", Nested(random_number<uint64_t>()));
  check_echo(fixture, "echo-option", Nested(std::in_place, std::nullopt));
  check_echo(fixture, "echo-option", Nested());
}

TEST(TypedCall, GivesBackEveryValue) {
  for (int i = 0; i < 50; ++i) {
    check_random_values(StringEncoding::Utf8);
    check_random_values(StringEncoding::Utf16);
    check_random_values(StringEncoding::Latin1OrUtf16);
  }
}

TEST(TypedCall, GivesBackEveryCase) {
  using Shape = shapes::Shape;
  Fixture fixture;
  std::vector<Shape> all(5);
  all[0].value = Shape::None{};
  all[1].value = Shape::Circle{2.5};
  all[2].value = Shape::Polygon{{{1.0F, 2.0F}, {3.0F, 4.0F}}};
  all[3].value = Shape::Named{{"named", 4.0F}};
  all[4].value = Shape::ShapeCase{"nested"};
  for (Shape& shape : all) {
    const size_t index = shape.value.index();
    Result<Shape> answer =
        call_host<Shape>(fixture.call, fixture.function("echo-shape"), std::move(shape));
    ASSERT_TRUE(answer.has_value()) << answer.error().to_string();
    EXPECT_EQ(answer->value.index(), index);
  }
  Shape owned{Shape::Owned{std::make_unique<Blob>(std::vector<uint8_t>{1, 2})}};
  Result<Shape> answer =
      call_host<Shape>(fixture.call, fixture.function("echo-shape"), std::move(owned));
  EXPECT_EQ(std::get<Shape::Owned>(answer->value).value->bytes().size(), 2U);
}

TEST(TypedCall, GivesBackFlagsAndEmptyResults) {
  Fixture fixture;
  shapes::Small small{.read = true, .default_ = true};
  shapes::Medium medium{.b8 = true};
  shapes::Large large{.b0 = true, .b16 = true};
  using All = std::tuple<shapes::Small, shapes::Medium, shapes::Large>;
  const Result<All> flags =
      call_host<All>(fixture.call, fixture.function("echo-flags"), small, medium, large);
  EXPECT_EQ(*flags, All(small, medium, large));
  using Empty = std::expected<void, std::monostate>;
  check_echo(fixture, "echo-empty", Empty());
  check_echo(fixture, "echo-empty", Empty(std::unexpect));
}

TEST(TypedCall, SpillsManyParametersIntoMemory) {
  Fixture fixture;
  const HostFunction& many = fixture.function("many");
  EXPECT_EQ(many.core.params.size(), 1U);
  const std::string text = "ab";
  const Result<uint8_t> sum = call_host<uint8_t>(fixture.call, many, text, text, text, text, text,
                                                 text, text, text, uint8_t{5});
  EXPECT_EQ(*sum, 21);
}

TEST(TypedCall, IgnoresUnusedFlagBits) {
  Fixture fixture;
  Cells cells{};
  cells[0].i32 = -1;
  cells[1].i32 = -1;
  cells[2].i32 = -1;
  const uint32_t pointer = fixture.call.reserve(8, 4);
  cells[3].i64 = pointer;
  ASSERT_TRUE(fixture.function("echo-flags").invoke(fixture.call, cells).has_value());
  EXPECT_EQ(load_raw<uint8_t>(fixture.call, pointer), 0x07);
  EXPECT_EQ(load_raw<uint16_t>(fixture.call, pointer + 2), 0x1ff);
  EXPECT_EQ(load_raw<uint32_t>(fixture.call, pointer + 4), 0x1ffffU);
}

TEST(TypedCall, CanonicalizesNan) {
  FakeCall call;
  store_raw<uint32_t>(call, 64, 0xffc12345);
  float value = 0;
  ASSERT_TRUE(Abi<float>::load(call, 64, value).has_value());
  EXPECT_EQ(std::bit_cast<uint32_t>(value), 0x7fc00000U);
}

TEST(TypedCall, JoinsFloatsIntoIntegerSlots) {
  using Mixed = std::expected<float, uint64_t>;
  static_assert(Abi<Mixed>::kFlat[1] == FlatType::I64);
  static_assert(Abi<std::expected<float, uint32_t>>::kFlat[1] == FlatType::I32);
  FakeCall call;
  Cells cells{};
  cells[1].i64 = -1;
  RawWriter writer(cells);
  Mixed value(1.0F);
  ASSERT_TRUE(Abi<Mixed>::lower(call, writer, value).has_value());
  EXPECT_EQ(cells[1].i64, 0x3f800000);
}

TEST(Layout, IsThatOfTheSpecification) {
  static_assert(Abi<shapes::Scalars>::kSize == 56 && Abi<shapes::Scalars>::kAlign == 8);
  static_assert(Abi<shapes::Scalars>::kFlat.size() == 12);
  static_assert(Abi<shapes::Small>::kSize == 1 && Abi<shapes::Medium>::kSize == 2 &&
                Abi<shapes::Large>::kSize == 4);
  static_assert(Abi<shapes::Color>::kSize == 1);
  static_assert(Abi<shapes::Shape>::kSize == 24 && Abi<shapes::Shape>::kAlign == 8);
  static_assert(Abi<shapes::Shape>::kFlat.size() == 4);
  static_assert(Abi<shapes::Tree>::kSize == 36 && Abi<shapes::Tree>::kFlat.size() == 9);
  static_assert(Abi<std::optional<uint64_t>>::kSize == 16);
  static_assert(Abi<std::expected<void, std::monostate>>::kSize == 1);
  const HostFunction& slow = function_named(shapes::interface(), "slow");
  EXPECT_EQ(slow.core.params.size(), 4U);
  EXPECT_EQ(slow.core.results.size(), 0U);
  EXPECT_EQ(slow.type,
            "func(name:string,fail:bool)->result<string,variant{other(string),not-found}>");
}

// --- hostile guests ---

struct Hostile {
  std::string_view function;
  std::vector<uint32_t> cells;
  std::string_view trap;
};

TEST(HostileGuest, IsTrappedWithTheSpecifiedWords) {
  constexpr uint32_t kEnd = FakeCall::kMemorySize;
  constexpr uint32_t kReturn = 32;
  const std::vector<Hostile> cases{
      {"echo-string", {kEnd, 1, kReturn}, "string content out-of-bounds"},
      {"echo-string", {kEnd + 1, 0, kReturn}, "string content out-of-bounds"},
      {"echo-string", {0xffffffff, 0xffffffff, kReturn}, "string content out-of-bounds"},
      {"echo-string", {1024, 1, kReturn}, "invalid utf-8"},
      {"echo-string", {1025, 1, kReturn}, "incomplete utf-8 byte sequence"},
      {"echo-bytes", {kEnd, 1, kReturn}, "list content out-of-bounds"},
      {"echo-bytes", {kEnd + 1, 0, kReturn}, "list content out-of-bounds"},
      {"echo-bytes", {8, 1U << 28, kReturn}, "list content out-of-bounds"},
      {"echo-words", {2, 1, kReturn}, "unaligned pointer"},
      {"echo-words", {2, 0, kReturn}, "unaligned pointer"},
      {"echo-words", {8, 0x40000001, kReturn}, "list content out-of-bounds"},
      {"echo-chars", {1028, 1, kReturn}, "invalid `char` bit pattern"},
      {"echo-result", {2, 0, 0, kReturn}, "invalid variant discriminant"},
      {"echo-option", {1, 7, 0, kReturn}, "invalid variant discriminant"},
      {"many", {2}, "unaligned pointer"},
      {"many", {kEnd - 4}, "pointer out of bounds of memory"},
      {"echo-string", {8, 0, 2}, "unaligned pointer"},
      {"echo-string", {8, 0, kEnd - 4}, "pointer out of bounds of memory"},
      {"take-blobs", {1, 9, 0, 0}, "unknown handle index 9"},
      {"take-blobs", {1, 0, 0, 0}, "unknown handle index 0"},
  };
  for (const Hostile& hostile : cases) {
    Fixture fixture;
    store_raw<uint8_t>(fixture.call, 1024, 0xff);
    store_raw<uint8_t>(fixture.call, 1025, 0xe2);
    store_raw<uint32_t>(fixture.call, 1028, 0xd800);
    Cells cells{};
    for (size_t i = 0; i < hostile.cells.size(); ++i) cells[i].i64 = hostile.cells[i];
    const Result<void> done = fixture.function(hostile.function).invoke(fixture.call, cells);
    ASSERT_FALSE(done.has_value()) << hostile.function;
    EXPECT_THAT(done.error().to_string(), HasSubstr(hostile.trap)) << hostile.function;
  }
}

TEST(HostileGuest, IsTrappedWhenItsAllocatorMisbehaves) {
  for (auto [answer, trap] :
       {std::pair{FakeCall::kMemorySize, "beyond end of memory"},
        std::pair{0xfffffff0U, "beyond end of memory"}, std::pair{2U, "result not aligned"}}) {
    Fixture fixture;
    Cells cells{};
    cells[0].i64 = 64;
    cells[1].i64 = 2;
    cells[2].i64 = 32;
    fixture.call.answer = answer;
    const Result<void> done = fixture.function("echo-words").invoke(fixture.call, cells);
    ASSERT_FALSE(done.has_value());
    EXPECT_THAT(done.error().to_string(), HasSubstr(trap));
  }
}

TEST(HostileGuest, CannotMakeTheHostAllocateWithoutBound) {
  FakeCall call;
  // One string of the guest, named many times over by nested lists, costs the host its vectors.
  EXPECT_TRUE(call.charge(CallContext::kHostCallFuel).has_value());
  std::vector<bool> out;
  const Result<void> done = Abi<std::vector<bool>>::read(call, {64, 100}, out);
  ASSERT_FALSE(done.has_value());
  EXPECT_THAT(done.error().message(), HasSubstr("fuel allocated for hostcalls has been exhausted"));
}

TEST(HostileHost, CannotPassTextThatIsNotUtf8) {
  FakeCall call;
  Cells cells{};
  RawWriter writer(cells);
  std::string bad = "\xff";
  EXPECT_FALSE(Abi<std::string>::lower(call, writer, bad).has_value());
}

TEST(Unsupported, AnswersWithTheInterfacesOwnError) {
  const std::unique_ptr<missing::Host> host = missing::make_unsupported();
  const auto opened = host->open("x");
  EXPECT_EQ(std::get<missing::Error::Other>(opened->error().value).value,
            "things are missing here");
  EXPECT_EQ(host->text()->error(), "things are missing here");
  EXPECT_EQ(host->plain().error().kind(), ErrorKind::NotSupported);
}

}  // namespace
}  // namespace spindle::component::testing
