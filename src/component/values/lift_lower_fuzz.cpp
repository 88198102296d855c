// Lifting from hostile memory. The input chooses a type, a string encoding, how the guest's
// allocator behaves, and what memory holds.
//
//   generic   whatever can be lifted can be lowered to a well-behaved guest of any encoding, and
//             lifting it from there gives the same value
//   typed     generated code and the generic code accept the same memory and see the same value

#include <cstring>

#include <fmt/format.h>

#include "component/abi/compound.h"
#include "component/fixture/fake_call.h"
#include "component/values/lift_lower.h"

namespace spindle::component {
namespace {

constexpr uint64_t kLiftFuel = 4 << 20;
constexpr size_t kHostileBytes = 1U << 12;

class Input {
 public:
  Input(const uint8_t* data, size_t size) : bytes_(data, size) {}
  uint8_t next() {
    if (bytes_.empty()) return 0;
    const uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  uint32_t word() {
    uint32_t made = 0;
    for (int i = 0; i < 4; ++i) made = (made << 8) | next();
    return made;
  }
  std::span<const uint8_t> rest() const { return bytes_; }

 private:
  std::span<const uint8_t> bytes_;
};

// The guest whose memory is the input.
class HostileSide final : public AbiSide {
 public:
  HostileSide(StringEncoding encoding, std::span<const uint8_t> bytes)
      : AbiSide(encoding), memory_(kHostileBytes) {
    std::memcpy(memory_.data(), bytes.data(), std::min(bytes.size(), memory_.size()));
    fuel() = kLiftFuel;
  }
  std::span<uint8_t> memory() override { return memory_; }
  Result<uint32_t> realloc(const ReallocRequest& request) override {
    // Memory moves and grows; what comes back is anything.
    std::vector<uint8_t> moved(memory_);
    if (moved.size() < 4 * kHostileBytes) moved.resize(moved.size() + 64);
    memory_.swap(moved);
    seed_ = seed_ * 1664525 + request.new_size + request.align;
    return (seed_ >> 8) % (kHostileBytes + 1024);
  }
  Result<uint64_t> lift_handle(const ValueType&, uint32_t index) override {
    if (index % 5 == 4) return Error::trap("unknown handle index");
    return uint64_t{index};
  }
  Result<uint32_t> lower_handle(const ValueType&, uint64_t representation) override {
    return static_cast<uint32_t>(representation);
  }

 private:
  std::vector<uint8_t> memory_;
  uint32_t seed_ = 1;
};

// A guest that does as it should, with memory for everything.
class GoodSide final : public AbiSide {
 public:
  explicit GoodSide(StringEncoding encoding) : AbiSide(encoding), memory_(64) {
    fuel() = 64 * kLiftFuel;
  }
  std::span<uint8_t> memory() override { return memory_; }
  Result<uint32_t> realloc(const ReallocRequest& request) override {
    const size_t begin = align_to(static_cast<uint32_t>(memory_.size()), request.align);
    std::vector<uint8_t> moved(begin + request.new_size);
    std::memcpy(moved.data(), memory_.data(), memory_.size());
    std::memcpy(moved.data() + begin, memory_.data() + request.old_pointer,
                std::min(request.old_size, request.new_size));
    memory_.swap(moved);
    return static_cast<uint32_t>(begin);
  }
  Result<uint64_t> lift_handle(const ValueType&, uint32_t index) override { return index; }
  Result<uint32_t> lower_handle(const ValueType&, uint64_t representation) override {
    return static_cast<uint32_t>(representation);
  }

 private:
  std::vector<uint8_t> memory_;
};

// Types by the input's bytes; a budget ends the recursion.
class TypeMaker {
 public:
  TypeMaker(Input& input, TypeTable& types) : input_(input), types_(types) {}

  TypeRef make(int depth) {
    const uint8_t choice = input_.next();
    if (depth >= 6 || ++made_ > 40) return types_.primitive(TypeKind(choice % 13));
    switch (choice % 24) {
      case 13: return made(types_.list(make(depth + 1)));
      case 14: return made(types_.option(make(depth + 1)));
      case 15: return made(types_.fixed_list(make(depth + 1), 1 + input_.next() % 5));
      case 16: return made(types_.record(members(depth, "f")));
      case 17: return made(types_.variant(members(depth, "c")));
      case 18: return made(types_.enumeration(labels(input_.next() % 4 == 0 ? 300 : 3)));
      case 19: return made(types_.flags(labels(1 + input_.next() % 32)));
      case 20: return made(types_.own(ResourceIndex(input_.next() % 2)));
      case 21: return made(types_.borrow(ResourceIndex(input_.next() % 2)));
      case 22: {
        TypeRef ok = input_.next() % 2 == 0 ? nullptr : make(depth + 1);
        return made(types_.result(ok, input_.next() % 2 == 0 ? nullptr : make(depth + 1)));
      }
      case 23: {
        TypeRef key = types_.primitive(TypeKind(input_.next() % 13));
        return made(types_.map(key, make(depth + 1)));
      }
      default: return types_.primitive(TypeKind(choice % 13));
    }
  }

 private:
  TypeRef made(Result<TypeRef> type) {
    // A size beyond the limit is the one thing that may be refused.
    return type.has_value() ? *type : types_.primitive(TypeKind::String);
  }
  std::vector<TypeMember> members(int depth, std::string_view prefix) {
    std::vector<TypeMember> all;
    const int count = 1 + input_.next() % 5;
    for (int i = 0; i < count; ++i) {
      const bool is_empty = prefix == "c" && input_.next() % 3 == 0;
      all.push_back({fmt::format("{}{}", prefix, i), is_empty ? nullptr : make(depth + 1), 0});
    }
    return all;
  }
  static std::vector<std::string> labels(int count) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) all.push_back(fmt::format("l{}", i));
    return all;
  }

  Input& input_;
  TypeTable& types_;
  int made_ = 0;
};

StringEncoding encoding_of(uint8_t byte) {
  return StringEncoding(byte % 3);
}

// The same value, whatever encoding its strings are in.
bool same(const ValueType& type, const DynamicValue& left, const DynamicValue& right);

bool same_items(const ValueType& type, const DynamicValue& left, const DynamicValue& right) {
  if (left.items.size() != right.items.size()) return false;
  for (size_t i = 0; i < left.items.size(); ++i) {
    if (!same(*type.members[i].type, left.items[i], right.items[i])) return false;
  }
  return true;
}

bool same(const ValueType& type, const DynamicValue& left, const DynamicValue& right) {
  switch (type.shape) {
    case TypeShape::String: return to_utf8(left) == to_utf8(right);
    case TypeShape::List:
    case TypeShape::FixedList: {
      const auto one = list_elements(left, type);
      const auto other = list_elements(right, type);
      if (one.size() != other.size()) return false;
      for (size_t i = 0; i < one.size(); ++i) {
        if (!same(*type.element, one[i], other[i])) return false;
      }
      return true;
    }
    case TypeShape::Record: return same_items(type, left, right);
    case TypeShape::Variant:
      if (left.bits != right.bits || left.items.size() != right.items.size()) return false;
      return left.items.empty() ||
             same(*type.members[left.bits].type, left.items[0], right.items[0]);
    default: return left == right;
  }
}

void round_trip(const ValueType& type, const DynamicValue& value, StringEncoding encoding) {
  GoodSide good(encoding);
  const auto at = good.allocate({0, 0, type.align, type.size});
  VERIFY(at.has_value());
  const Result<void> lowered = lower_memory(good, type, value, *at);
  VERIFY(lowered.has_value());
  const auto again = lift_memory(good, type, *at);
  VERIFY(again.has_value() && same(type, value, *again));
  std::vector<uint64_t> flat;
  VERIFY(lower_flat(good, type, value, flat).has_value());
  if (type.flat_count > ValueType::kFlatMax) return;
  VERIFY(flat.size() == type.flat_count);
  FlatReader reader(flat);
  const auto lifted = lift_flat(good, type, reader);
  VERIFY(lifted.has_value() && same(type, value, *lifted));
}

void check_generic(Input input) {
  const StringEncoding encoding = encoding_of(input.next());
  const StringEncoding other = encoding_of(input.next());
  TypeTable types;
  const TypeRef type = TypeMaker(input, types).make(0);
  const uint32_t pointer = input.word() % (kHostileBytes + 16);
  std::array<uint64_t, ValueType::kFlatMax> flat{};
  for (uint64_t& cell : flat) cell = uint64_t{input.word()} << (input.next() % 33);
  HostileSide side(encoding, input.rest());
  FlatReader reader(flat);
  Result<DynamicValue> from_flat = type->flat_count <= ValueType::kFlatMax
                                       ? lift_flat(side, *type, reader)
                                       : Error::trap("too long");
  if (from_flat.has_value()) round_trip(*type, *from_flat, other);
  const Result<DynamicValue> value = lift_memory(side, *type, pointer);
  if (!value.has_value()) return;
  round_trip(*type, *value, other);
  // Back to the hostile guest, whose allocator lies.
  (void)lower_memory(side, *type, *value, pointer & ~(type->align - 1));
}

// ---- typed code beside generic code ----

template <typename T>
struct Described;
#define DESCRIBE(type, kind)                  \
  template <>                                 \
  struct Described<type> {                    \
    static TypeRef of(TypeTable& types) {     \
      return types.primitive(TypeKind::kind); \
    }                                         \
  }
DESCRIBE(bool, Bool);
DESCRIBE(uint8_t, U8);
DESCRIBE(int16_t, S16);
DESCRIBE(uint32_t, U32);
DESCRIBE(int64_t, S64);
DESCRIBE(float, F32);
DESCRIBE(double, F64);
DESCRIBE(char32_t, Char);
DESCRIBE(std::string, String);
#undef DESCRIBE
template <typename T>
struct Described<std::vector<T>> {
  static TypeRef of(TypeTable& types) { return types.list(Described<T>::of(types)).value(); }
};
template <typename T>
struct Described<std::optional<T>> {
  static TypeRef of(TypeTable& types) { return types.option(Described<T>::of(types)).value(); }
};
template <typename... Ts>
struct Described<std::tuple<Ts...>> {
  static TypeRef of(TypeTable& types) {
    const std::array<TypeRef, sizeof...(Ts)> all{Described<Ts>::of(types)...};
    return types.tuple(all).value();
  }
};
template <typename T, typename E>
struct Described<std::expected<T, E>> {
  static TypeRef of(TypeTable& types) {
    return types.result(Described<T>::of(types), Described<E>::of(types)).value();
  }
};

template <typename T>
void check_typed(Input input) {
  const StringEncoding encoding = encoding_of(input.next());
  const uint32_t pointer = input.word() % (kHostileBytes + 16);
  testing::FakeCall call(encoding);
  std::span<uint8_t> memory = call.memory();
  std::memcpy(memory.data(), input.rest().data(), std::min(input.rest().size(), kHostileBytes));

  TypeTable types;
  const TypeRef type = Described<T>::of(types);
  VERIFY(Abi<T>::kSize == type->size && Abi<T>::kAlign == type->align &&
         Abi<T>::kFlat.size() == type->flat_count);
  const Result<DynamicValue> generic = lift_memory(call, *type, pointer);
  T typed{};
  Result<void> loaded = call.check_pointer(pointer, Abi<T>::kSize, Abi<T>::kAlign);
  if (loaded.has_value()) loaded = Abi<T>::load(call, pointer, typed);
  VERIFY(generic.has_value() == loaded.has_value());
  if (!loaded.has_value()) return;

  testing::FakeCall guest(encoding_of(input.next()));
  const uint32_t at = guest.reserve(Abi<T>::kSize, Abi<T>::kAlign);
  if (!Abi<T>::store(guest, at, typed).has_value()) return;  // its memory is full
  const Result<DynamicValue> again = lift_memory(guest, *type, at);
  VERIFY(again.has_value() && same(*type, *generic, *again));
}

using Row = std::tuple<uint8_t, std::string, std::optional<int64_t>>;
using Deep = std::vector<std::expected<std::vector<Row>, std::tuple<char32_t, bool>>>;

}  // namespace
}  // namespace spindle::component

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spindle::component;
  Input input(data, size);
  switch (input.next() % 8) {
    case 0: check_typed<std::string>(input); break;
    case 1: check_typed<std::vector<std::string>>(input); break;
    case 2: check_typed<Row>(input); break;
    case 3: check_typed<Deep>(input); break;
    case 4:
      check_typed<std::tuple<float, std::vector<double>, int16_t, std::vector<uint32_t>>>(input);
      break;
    default: check_generic(input);
  }
  return 0;
}
