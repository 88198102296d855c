// The typed and the generic canonical ABI agree: on the bytes that lowering writes, on the values
// that lifting reads, and on which bytes of a hostile guest are no value at all. SPINDLE_SEED runs
// one seed again.

#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "component/abi/compound.h"
#include "component/abi/typed.h"
#include "component/fixture/fake_call.h"
#include "component/values/lift_lower.h"

namespace spindle::component {

struct Pair {
  std::string name;
  uint8_t number = 0;
  bool operator==(const Pair&) const = default;
};
enum class Color : uint8_t { Red, Green, Blue };
struct Modes {
  bool read = false, write = false, append = false;
  bool operator==(const Modes&) const = default;
};

template <>
struct Abi<Pair> : RecordAbi<Pair, &Pair::name, &Pair::number> {};
template <>
struct Abi<Color> : EnumAbi<Color, 3> {};
template <>
struct Abi<Modes> : FlagsAbi<Modes, &Modes::read, &Modes::write, &Modes::append> {};

namespace {

using testing::FakeCall;

std::mt19937_64 source;
uint64_t below(uint64_t limit) {
  return source() % limit;
}

// What a C++ type stands for: its type at run time, random values, and values of the generic path.
template <typename T>
struct Stand;

template <typename T, TypeKind Kind>
struct NumberStand {
  static TypeRef type(TypeTable& types) { return types.primitive(Kind); }
  static T random() {
    if constexpr (std::floating_point<T>) return static_cast<T>(source()) / 3;
    return static_cast<T>(source());
  }
  static DynamicValue dynamic(const T& value) {
    if constexpr (sizeof(T) == 4 && std::floating_point<T>) {
      return DynamicValue::scalar(std::bit_cast<uint32_t>(value));
    } else if constexpr (std::floating_point<T>) {
      return DynamicValue::scalar(std::bit_cast<uint64_t>(value));
    } else {
      return DynamicValue::scalar(static_cast<uint64_t>(int64_t(value)));
    }
  }
};
template <>
struct Stand<bool> : NumberStand<bool, TypeKind::Bool> {};
template <>
struct Stand<int8_t> : NumberStand<int8_t, TypeKind::S8> {};
template <>
struct Stand<uint8_t> : NumberStand<uint8_t, TypeKind::U8> {};
template <>
struct Stand<int16_t> : NumberStand<int16_t, TypeKind::S16> {};
template <>
struct Stand<uint16_t> : NumberStand<uint16_t, TypeKind::U16> {};
template <>
struct Stand<int32_t> : NumberStand<int32_t, TypeKind::S32> {};
template <>
struct Stand<uint32_t> : NumberStand<uint32_t, TypeKind::U32> {};
template <>
struct Stand<int64_t> : NumberStand<int64_t, TypeKind::S64> {};
template <>
struct Stand<uint64_t> : NumberStand<uint64_t, TypeKind::U64> {};
template <>
struct Stand<float> : NumberStand<float, TypeKind::F32> {};
template <>
struct Stand<double> : NumberStand<double, TypeKind::F64> {};
template <>
struct Stand<char32_t> {
  static TypeRef type(TypeTable& types) { return types.primitive(TypeKind::Char); }
  static char32_t random() {
    constexpr char32_t kPoints[] = {U'a', 0xe9, 0x20ac, 0x1f600, 0xd7ff, 0xe000, 0x10ffff};
    return kPoints[below(7)];
  }
  static DynamicValue dynamic(char32_t value) { return DynamicValue::scalar(value); }
};
template <>
struct Stand<std::string> {
  static TypeRef type(TypeTable& types) { return types.primitive(TypeKind::String); }
  static std::string random() {
    static constexpr std::string_view kPieces[] = {"a", "bc", "\u00e9", "\u20ac", "\U0001f600"};
    std::string text;
    const uint64_t choices = 1 + below(5);
    for (uint64_t i = below(9); i > 0; --i) text += kPieces[below(choices)];
    return text;
  }
  static DynamicValue dynamic(const std::string& value) { return DynamicValue::string(value); }
};
template <typename T>
struct Stand<std::vector<T>> {
  static TypeRef type(TypeTable& types) { return types.list(Stand<T>::type(types)).value(); }
  static std::vector<T> random() {
    std::vector<T> items;
    for (uint64_t i = below(5); i > 0; --i) items.push_back(Stand<T>::random());
    return items;
  }
  static DynamicValue dynamic(const std::vector<T>& value) {
    TypeTable types;
    const ValueType& element = *Stand<T>::type(types);
    DynamicValue list;
    for (const T& item : value) {
      DynamicValue one = Stand<T>::dynamic(item);
      if (element.copyable && element.shape == TypeShape::Scalar) {
        list.bytes.append(reinterpret_cast<const char*>(&one.bits), element.size);
      } else {
        list.items.push_back(std::move(one));
      }
    }
    return list;
  }
};
template <typename T>
struct Stand<std::optional<T>> {
  static TypeRef type(TypeTable& types) { return types.option(Stand<T>::type(types)).value(); }
  static std::optional<T> random() {
    if (below(3) == 0) return std::nullopt;
    return Stand<T>::random();
  }
  static DynamicValue dynamic(const std::optional<T>& value) {
    DynamicValue made = DynamicValue::scalar(value ? 1 : 0);
    if (value) made.items.push_back(Stand<T>::dynamic(*value));
    return made;
  }
};
template <typename T, typename E>
struct Stand<std::expected<T, E>> {
  static TypeRef type(TypeTable& types) {
    return types.result(Stand<T>::type(types), Stand<E>::type(types)).value();
  }
  static std::expected<T, E> random() {
    if (below(2) == 0) return std::unexpected(Stand<E>::random());
    return Stand<T>::random();
  }
  static DynamicValue dynamic(const std::expected<T, E>& value) {
    DynamicValue made = DynamicValue::scalar(value ? 0 : 1);
    made.items.push_back(value ? Stand<T>::dynamic(*value) : Stand<E>::dynamic(value.error()));
    return made;
  }
};
template <typename... Ts>
struct Stand<std::tuple<Ts...>> {
  static TypeRef type(TypeTable& types) {
    const std::array<TypeRef, sizeof...(Ts)> elements{Stand<Ts>::type(types)...};
    return types.tuple(elements).value();
  }
  static std::tuple<Ts...> random() { return std::tuple<Ts...>{Stand<Ts>::random()...}; }
  static DynamicValue dynamic(const std::tuple<Ts...>& value) {
    DynamicValue made;
    std::apply([&](const Ts&... items) { (made.items.push_back(Stand<Ts>::dynamic(items)), ...); },
               value);
    return made;
  }
};
template <>
struct Stand<Pair> {
  static TypeRef type(TypeTable& types) {
    return types
        .record({{"name", types.primitive(TypeKind::String)},
                 {"number", types.primitive(TypeKind::U8)}})
        .value();
  }
  static Pair random() { return {Stand<std::string>::random(), Stand<uint8_t>::random()}; }
  static DynamicValue dynamic(const Pair& value) {
    DynamicValue made;
    made.items = {Stand<std::string>::dynamic(value.name), Stand<uint8_t>::dynamic(value.number)};
    return made;
  }
};
template <>
struct Stand<Color> {
  static TypeRef type(TypeTable& types) {
    return types.enumeration({"red", "green", "blue"}).value();
  }
  static Color random() { return static_cast<Color>(below(3)); }
  static DynamicValue dynamic(Color value) {
    return DynamicValue::scalar(static_cast<uint64_t>(value));
  }
};
template <>
struct Stand<Modes> {
  static TypeRef type(TypeTable& types) { return types.flags({"read", "write", "append"}).value(); }
  static Modes random() { return {below(2) == 0, below(2) == 0, below(2) == 0}; }
  static DynamicValue dynamic(const Modes& value) {
    return DynamicValue::scalar((value.read ? 1U : 0U) | (value.write ? 2U : 0U) |
                                (value.append ? 4U : 0U));
  }
};

std::vector<uint8_t> bytes_of(FakeCall& call) {
  const auto memory = call.memory();
  return {memory.begin(), memory.end()};
}

template <typename T>
class Agreement : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* given = std::getenv("SPINDLE_SEED");
    const uint64_t seed =
        given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    source.seed(seed);
    seed_ = fmt::format("SPINDLE_SEED={}", seed);
  }
  const ValueType& type() { return *Stand<T>::type(types_); }

  void check_memory(StringEncoding encoding) {
    T value = Stand<T>::random();
    const T original = value;
    FakeCall typed(encoding);
    FakeCall generic(encoding);
    const uint32_t at = typed.reserve(Abi<T>::kSize, Abi<T>::kAlign);
    ASSERT_EQ(at, generic.reserve(type().size, type().align));
    ASSERT_TRUE(Abi<T>::store(typed, at, value).has_value());
    ASSERT_TRUE(lower_memory(generic, type(), Stand<T>::dynamic(original), at).has_value());
    EXPECT_TRUE(bytes_of(typed) == bytes_of(generic));
    EXPECT_EQ(typed.reallocs, generic.reallocs);
    T back{};
    ASSERT_TRUE(Abi<T>::load(generic, at, back).has_value());
    EXPECT_TRUE(back == original);
    // What the generic path reads it also writes again the same.
    auto lifted = lift_memory(typed, type(), at);
    ASSERT_TRUE(lifted.has_value()) << lifted.error().to_string();
    check_flat(encoding, original, *lifted);
  }

  void check_flat(StringEncoding encoding, T value, const DynamicValue& lifted) {
    if (type().flat_count > kMaxFlatParams) return;
    FakeCall typed(encoding);
    FakeCall generic(encoding);
    std::array<RawValue, kMaxFlatParams> cells{};
    RawWriter writer(cells);
    ASSERT_TRUE(Abi<T>::lower(typed, writer, value).has_value());
    std::vector<uint64_t> flat;
    ASSERT_TRUE(lower_flat(generic, type(), lifted, flat).has_value());
    ASSERT_EQ(writer.position(), flat.size());
    // Strings that were lifted from UTF-16 are lowered without the detour that UTF-8 takes.
    if (encoding == StringEncoding::Utf8 || !type().has_pointers) {
      EXPECT_TRUE(bytes_of(typed) == bytes_of(generic));
      for (size_t i = 0; i < flat.size(); ++i) {
        EXPECT_EQ(static_cast<uint64_t>(cells[i].i64), flat[i]) << "flat value " << i;
      }
    }
    T back{};
    std::vector<RawValue> raw(flat.size());
    for (size_t i = 0; i < flat.size(); ++i) raw[i] = RawValue::from_u64(flat[i]);
    RawReader reader(raw);
    ASSERT_TRUE(Abi<T>::lift(generic, reader, back).has_value());
    EXPECT_TRUE(back == value || has_nan(back));
  }

  // Bytes as they come, small ones more often: lengths and pointers that fit.
  void check_hostile(StringEncoding encoding) {
    FakeCall call(encoding);
    const uint32_t at = call.reserve(Abi<T>::kSize, Abi<T>::kAlign);
    for (uint8_t& byte : call.memory().first(256)) {
      const uint64_t choice = below(8);
      byte = static_cast<uint8_t>(choice < 4 ? 0 : choice < 7 ? below(6) : below(256));
    }
    T typed{};
    const Result<void> loaded = Abi<T>::load(call, at, typed);
    const Result<DynamicValue> lifted = lift_memory(call, type(), at);
    ASSERT_EQ(loaded.has_value(), lifted.has_value())
        << (loaded ? lifted.error() : loaded.error()).to_string();
    if (!loaded) {
      EXPECT_EQ(loaded.error().message(), lifted.error().message());
      return;
    }
    FakeCall first(encoding);
    FakeCall second(encoding);
    const uint32_t to = first.reserve(Abi<T>::kSize, Abi<T>::kAlign);
    second.reserve(Abi<T>::kSize, Abi<T>::kAlign);
    DynamicValue again = Stand<T>::dynamic(typed);
    // A string may be as long as the memory, and not fit beside itself.
    const bool fits = Abi<T>::store(first, to, typed).has_value();
    ASSERT_EQ(fits, lower_memory(second, type(), again, to).has_value());
    if (!fits) return;
    EXPECT_TRUE(bytes_of(first) == bytes_of(second));
  }

  static bool has_nan(const T& value) { return !(value == value); }

  TypeTable types_;
  std::string seed_;
};

using Wide = std::tuple<uint8_t, uint64_t, int16_t, float, std::optional<char32_t>, bool>;
using Zoo =
    ::testing::Types<bool, int8_t, uint16_t, int32_t, uint64_t, float, double, char32_t,
                     std::string, Pair, Color, Modes, Wide, std::vector<uint8_t>,
                     std::vector<int64_t>, std::vector<bool>, std::vector<char32_t>,
                     std::vector<std::string>, std::vector<Pair>, std::vector<Color>,
                     std::optional<std::optional<uint8_t>>, std::expected<float, uint32_t>,
                     std::expected<double, std::string>, std::expected<std::vector<Pair>, Color>,
                     std::tuple<std::expected<uint8_t, double>, Modes, std::string>,
                     std::vector<std::optional<std::tuple<std::string, uint16_t>>>,
                     std::tuple<Wide, Wide, std::vector<std::vector<std::string>>>>;
TYPED_TEST_SUITE(Agreement, Zoo);

constexpr StringEncoding kEncodings[] = {StringEncoding::Utf8, StringEncoding::Utf16,
                                         StringEncoding::Latin1OrUtf16};

TYPED_TEST(Agreement, OfBytesAndValues) {
  SCOPED_TRACE(this->seed_);
  for (auto encoding : kEncodings) {
    for (int i = 0; i < 20; ++i) this->check_memory(encoding);
  }
}

TYPED_TEST(Agreement, OnHostileBytes) {
  SCOPED_TRACE(this->seed_);
  for (auto encoding : kEncodings) {
    for (int i = 0; i < 60; ++i) this->check_hostile(encoding);
  }
}

TYPED_TEST(Agreement, OfSizesAndFlatTypes) {
  const ValueType& type = this->type();
  EXPECT_EQ(type.size, Abi<TypeParam>::kSize);
  EXPECT_EQ(type.align, Abi<TypeParam>::kAlign);
  if (type.flat_count > kMaxFlatParams) return;
  EXPECT_TRUE(std::ranges::equal(type.flat, Abi<TypeParam>::kFlat));
}

}  // namespace
}  // namespace spindle::component
