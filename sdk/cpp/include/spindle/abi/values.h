#pragma once

// C++ values become core values and bytes of memory, and back.
//
// Abi<T> says how T travels:
//   kSize, kAlign, kFlat         layout in memory, how many core values it is
//   store, lower                 T into memory, into slots; what T points to is lent, not copied
//   load, lift                   out of memory, out of slots; buffers that came along are freed
//
// A slot holds the bits of a core value of any type, so that joining the cases of a variant needs
// no conversions. Lowering gives up the handles that a value owns. Buffers made on the way live in
// an Arena: for an import until the call is over, for an export until the host has read the result.

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace spindle::abi {

using Slot = uint64_t;
using Byte = unsigned char;

constexpr size_t kMaxFlatParams = 16;
constexpr size_t kMaxFlatAsyncParams = 4;
constexpr size_t kMaxFlatResults = 1;

template <typename T>
struct Abi;

[[noreturn]] inline void fail() {
  __builtin_trap();
}

// Buffers that end together.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&& other) noexcept : first_(std::exchange(other.first_, nullptr)) {}
  Arena& operator=(Arena&&) = delete;
  ~Arena() {
    while (first_ != nullptr) std::free(std::exchange(first_, first_->next));
  }

  Byte* allocate(size_t size) {
    auto* block = static_cast<Block*>(std::malloc(sizeof(Block) + size));
    if (block == nullptr) fail();
    block->next = first_;
    first_ = block;
    return reinterpret_cast<Byte*>(block + 1);
  }

 private:
  struct alignas(8) Block {
    Block* next;
  };
  Block* first_ = nullptr;
};

constexpr size_t align_to(size_t at, size_t align) {
  return (at + align - 1) / align * align;
}

template <typename T>
void put(Byte* to, T value) {
  std::memcpy(to, &value, sizeof value);
}
template <typename T>
T get(const Byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

inline uint32_t address_of(const void* pointer) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(pointer));
}
template <typename T = Byte>
T* pointer_to(uint64_t address) {
  return reinterpret_cast<T*>(static_cast<uintptr_t>(address));
}

template <typename Core>
Slot to_slot(Core value) {
  if constexpr (std::same_as<Core, float>) {
    return std::bit_cast<uint32_t>(value);
  } else if constexpr (std::same_as<Core, double>) {
    return std::bit_cast<uint64_t>(value);
  } else if constexpr (sizeof(Core) == 8) {
    return static_cast<uint64_t>(value);
  } else {
    return static_cast<uint32_t>(value);
  }
}
template <typename Core>
Core from_slot(Slot slot) {
  if constexpr (std::same_as<Core, float>) {
    return std::bit_cast<float>(static_cast<uint32_t>(slot));
  } else if constexpr (std::same_as<Core, double>) {
    return std::bit_cast<double>(slot);
  } else {
    return static_cast<Core>(slot);
  }
}

// --- scalars ---

template <typename T>
struct ScalarAbi {
  static constexpr size_t kSize = sizeof(T);
  static constexpr size_t kAlign = sizeof(T);
  static constexpr size_t kFlat = 1;

  static void store(const T& value, Byte* to, Arena&) { put(to, value); }
  static T load(const Byte* from) { return get<T>(from); }
  static void lower(const T& value, Slot*& to, Arena&) {
    if constexpr (std::is_floating_point_v<T>) {
      *to++ = to_slot(value);
    } else if constexpr (sizeof(T) == 8) {
      *to++ = static_cast<uint64_t>(value);
    } else {
      *to++ = static_cast<uint32_t>(static_cast<int32_t>(value));
    }
  }
  static T lift(const Slot*& from) {
    if constexpr (std::is_floating_point_v<T>) {
      return from_slot<T>(*from++);
    } else {
      return static_cast<T>(*from++);
    }
  }
};

template <typename T>
  requires std::is_arithmetic_v<T>
struct Abi<T> : ScalarAbi<T> {};

template <>
struct Abi<bool> : ScalarAbi<uint8_t> {
  static bool load(const Byte* from) { return *from != 0; }
  static bool lift(const Slot*& from) { return *from++ != 0; }
};

// Absent payloads: no value, no room.
struct EmptyAbi {
  static constexpr size_t kSize = 0;
  static constexpr size_t kAlign = 1;
  static constexpr size_t kFlat = 0;
};
template <>
struct Abi<void> : EmptyAbi {};
template <>
struct Abi<std::monostate> : EmptyAbi {
  static void store(std::monostate, Byte*, Arena&) {}
  static std::monostate load(const Byte*) { return {}; }
  static void lower(std::monostate, Slot*&, Arena&) {}
  static std::monostate lift(const Slot*&) { return {}; }
};

// An enum whose cases are numbered from 0.
template <typename E>
  requires std::is_enum_v<E>
struct Abi<E> {
  using Scalar = ScalarAbi<std::underlying_type_t<E>>;
  static constexpr size_t kSize = Scalar::kSize;
  static constexpr size_t kAlign = Scalar::kAlign;
  static constexpr size_t kFlat = 1;

  static void store(E value, Byte* to, Arena& arena) {
    Scalar::store(std::to_underlying(value), to, arena);
  }
  static E load(const Byte* from) { return static_cast<E>(Scalar::load(from)); }
  static void lower(E value, Slot*& to, Arena&) { *to++ = std::to_underlying(value); }
  static E lift(const Slot*& from) { return static_cast<E>(Scalar::lift(from)); }
};

// --- strings and lists: an address and a count ---

struct Slice {
  uint32_t address;
  uint32_t count;
};

template <typename Derived, typename T>
struct SliceAbi {
  static constexpr size_t kSize = 8;
  static constexpr size_t kAlign = 4;
  static constexpr size_t kFlat = 2;

  static void store(const T& value, Byte* to, Arena& arena) {
    put(to, Derived::slice(value, arena));
  }
  static void lower(const T& value, Slot*& to, Arena& arena) {
    const Slice slice = Derived::slice(value, arena);
    *to++ = slice.address;
    *to++ = slice.count;
  }
  static auto load(const Byte* from) { return Derived::take(get<Slice>(from)); }
  static auto lift(const Slot*& from) {
    const Slice slice{static_cast<uint32_t>(from[0]), static_cast<uint32_t>(from[1])};
    from += 2;
    return Derived::take(slice);
  }
};

template <typename T>
struct StringAbi : SliceAbi<StringAbi<T>, T> {
  static Slice slice(const T& text, Arena&) {
    return {address_of(text.data()), static_cast<uint32_t>(text.size())};
  }
  static std::string take(Slice slice) {
    if (slice.count == 0) return {};
    std::string text(pointer_to<const char>(slice.address), slice.count);
    std::free(pointer_to(slice.address));
    return text;
  }
};
template <>
struct Abi<std::string> : StringAbi<std::string> {};
template <>
struct Abi<std::string_view> : StringAbi<std::string_view> {};

// Memory and C++ agree on these, so they are lent and taken as they are.
template <typename T>
concept Plain = (std::is_arithmetic_v<T> && !std::same_as<T, bool>);

template <typename T, typename List>
struct ListAbi : SliceAbi<ListAbi<T, List>, List> {
  static Slice slice(const List& items, Arena& arena) {
    const auto count = static_cast<uint32_t>(items.size());
    if constexpr (Plain<T>) {
      return {address_of(items.data()), count};
    } else {
      Byte* buffer = arena.allocate(count * Abi<T>::kSize);
      Byte* at = buffer;
      for (const auto& item : items) {
        Abi<T>::store(item, at, arena);
        at += Abi<T>::kSize;
      }
      return {address_of(buffer), count};
    }
  }
  static std::vector<T> take(Slice slice) {
    std::vector<T> items;
    if (slice.count == 0) return items;
    if constexpr (Plain<T>) {
      const T* first = pointer_to<const T>(slice.address);
      items.assign(first, first + slice.count);
    } else {
      items.reserve(slice.count);
      const Byte* at = pointer_to<const Byte>(slice.address);
      for (uint32_t i = 0; i < slice.count; ++i) {
        items.push_back(Abi<T>::load(at));
        at += Abi<T>::kSize;
      }
    }
    if (Abi<T>::kSize != 0) std::free(pointer_to(slice.address));
    return items;
  }
};
template <typename T>
struct Abi<std::vector<T>> : ListAbi<T, std::vector<T>> {};
template <typename T>
struct Abi<std::span<const T>> : ListAbi<T, std::span<const T>> {};

// --- fields side by side ---

template <typename... Ts>
struct Fields {
  static constexpr size_t kCount = sizeof...(Ts);
  static constexpr size_t kAlign = std::max({size_t{1}, Abi<Ts>::kAlign...});
  static constexpr size_t kFlat = (Abi<Ts>::kFlat + ... + 0);
  static constexpr std::array<size_t, kCount + 1> kOffsets = [] {
    std::array<size_t, kCount + 1> offsets{};
    size_t at = 0;
    size_t i = 0;
    ((at = align_to(at, Abi<Ts>::kAlign), offsets[i++] = at, at += Abi<Ts>::kSize), ...);
    offsets[kCount] = align_to(at, kAlign);
    return offsets;
  }();
  static constexpr size_t kSize = kOffsets[kCount];

  static void store(Byte* to, Arena& arena, const Ts&... values) {
    size_t i = 0;
    (Abi<Ts>::store(values, to + kOffsets[i++], arena), ...);
  }
  static void lower(Slot*& to, Arena& arena, const Ts&... values) {
    (Abi<Ts>::lower(values, to, arena), ...);
  }
};

template <typename... Ts>
struct Abi<std::tuple<Ts...>> {
  using Layout = Fields<Ts...>;
  using T = std::tuple<Ts...>;
  static constexpr size_t kSize = Layout::kSize;
  static constexpr size_t kAlign = Layout::kAlign;
  static constexpr size_t kFlat = Layout::kFlat;

  static void store(const T& value, Byte* to, Arena& arena) {
    std::apply([&](const Ts&... items) { Layout::store(to, arena, items...); }, value);
  }
  static void lower(const T& value, Slot*& to, Arena& arena) {
    std::apply([&](const Ts&... items) { Layout::lower(to, arena, items...); }, value);
  }
  // Braces keep the order in which slots are read.
  static T load(const Byte* from) {
    size_t i = 0;
    return T{Abi<Ts>::load(from + Layout::kOffsets[i++])...};
  }
  static T lift(const Slot*& from) { return T{Abi<Ts>::lift(from)...}; }
};
template <>
struct Abi<std::tuple<>> : EmptyAbi {
  static void store(std::tuple<>, Byte*, Arena&) {}
  static std::tuple<> load(const Byte*) { return {}; }
  static void lower(std::tuple<>, Slot*&, Arena&) {}
  static std::tuple<> lift(const Slot*&) { return {}; }
};

template <typename Member>
struct MemberType;
template <typename C, typename M>
struct MemberType<M C::*> {
  using Type = M;
};
template <auto kMember>
using TypeOf = typename MemberType<decltype(kMember)>::Type;

template <typename T, auto... kMembers>
struct RecordAbi {
  using Layout = Fields<TypeOf<kMembers>...>;
  static constexpr size_t kSize = Layout::kSize;
  static constexpr size_t kAlign = Layout::kAlign;
  static constexpr size_t kFlat = Layout::kFlat;

  static void store(const T& value, Byte* to, Arena& arena) {
    Layout::store(to, arena, value.*kMembers...);
  }
  static void lower(const T& value, Slot*& to, Arena& arena) {
    Layout::lower(to, arena, value.*kMembers...);
  }
  static T load(const Byte* from) {
    size_t i = 0;
    return T{Abi<TypeOf<kMembers>>::load(from + Layout::kOffsets[i++])...};
  }
  static T lift(const Slot*& from) { return T{Abi<TypeOf<kMembers>>::lift(from)...}; }
};

// A struct of bools, the first of which is the lowest bit.
template <typename T, bool T::*... kFlags>
struct FlagsAbi {
  static constexpr size_t kCount = sizeof...(kFlags);
  static constexpr size_t kSize = kCount == 0 ? 0 : kCount <= 8 ? 1 : kCount <= 16 ? 2 : 4;
  static constexpr size_t kAlign = kSize == 0 ? 1 : kSize;
  static constexpr size_t kFlat = kCount == 0 ? 0 : 1;

  static uint32_t bits(const T& value) {
    uint32_t all = 0;
    uint32_t i = 0;
    ((all |= uint32_t{value.*kFlags} << i++), ...);
    return all;
  }
  static T of_bits(uint32_t bits) {
    T value;
    uint32_t i = 0;
    ((value.*kFlags = (bits >> i++ & 1) != 0), ...);
    return value;
  }
  static void store(const T& value, Byte* to, Arena&) {
    const uint32_t all = bits(value);
    std::memcpy(to, &all, kSize);
  }
  static T load(const Byte* from) {
    uint32_t all = 0;
    std::memcpy(&all, from, kSize);
    return of_bits(all);
  }
  static void lower(const T& value, Slot*& to, Arena&) {
    if constexpr (kFlat == 1) *to++ = bits(value);
  }
  static T lift(const Slot*& from) {
    if constexpr (kFlat == 0) return {};
    return of_bits(static_cast<uint32_t>(*from++));
  }
};

// --- one of several cases ---

// The discriminant, then the payload. Ps are payloads, void for none.
template <typename... Ps>
struct Cases {
  static constexpr size_t kCount = sizeof...(Ps);
  static constexpr size_t kTag = kCount <= 256 ? 1 : kCount <= 65536 ? 2 : 4;
  static constexpr size_t kAlign = std::max({kTag, Abi<Ps>::kAlign...});
  static constexpr size_t kPayloadAlign = std::max({size_t{1}, Abi<Ps>::kAlign...});
  static constexpr size_t kPayload = align_to(kTag, kPayloadAlign);
  static constexpr size_t kSize =
      align_to(kPayload + std::max({size_t{0}, Abi<Ps>::kSize...}), kAlign);
  static constexpr size_t kFlat = 1 + std::max({size_t{0}, Abi<Ps>::kFlat...});

  static void put_tag(Byte* to, uint32_t tag) { std::memcpy(to, &tag, kTag); }
  static uint32_t get_tag(const Byte* from) {
    uint32_t tag = 0;
    std::memcpy(&tag, from, kTag);
    return tag;
  }
};

// The payload of case K out of memory or slots, without naming where: from.template get<P>().
struct FromMemory {
  const Byte* at;
  template <typename P>
  P get() const {
    return Abi<P>::load(at);
  }
};
struct FromSlots {
  const Slot* at;
  template <typename P>
  P get() const {
    const Slot* from = at;
    return Abi<P>::lift(from);
  }
};
struct ToMemory {
  Byte* at;
  Arena& arena;
  template <typename P>
  void put(const P& value) const {
    Abi<P>::store(value, at, arena);
  }
};
struct ToSlots {
  Slot* at;
  Arena& arena;
  template <typename P>
  void put(const P& value) const {
    Slot* to = at;
    Abi<P>::lower(value, to, arena);
  }
};

// Derived has tag(value), write(value, sink) and make(tag, source).
template <typename Derived, typename T, typename Layout>
struct VariantBase {
  static constexpr size_t kSize = Layout::kSize;
  static constexpr size_t kAlign = Layout::kAlign;
  static constexpr size_t kFlat = Layout::kFlat;

  static void store(const T& value, Byte* to, Arena& arena) {
    Layout::put_tag(to, Derived::tag(value));
    Derived::write(value, ToMemory{to + Layout::kPayload, arena});
  }
  static void lower(const T& value, Slot*& to, Arena& arena) {
    to[0] = Derived::tag(value);
    Derived::write(value, ToSlots{to + 1, arena});
    to += kFlat;
  }
  static T load(const Byte* from) {
    return Derived::make(Layout::get_tag(from), FromMemory{from + Layout::kPayload});
  }
  static T lift(const Slot*& from) {
    const Slot* at = from;
    from += kFlat;
    return Derived::make(static_cast<uint32_t>(at[0]), FromSlots{at + 1});
  }
};

template <typename V>
struct Abi<std::optional<V>>
    : VariantBase<Abi<std::optional<V>>, std::optional<V>, Cases<void, V>> {
  using T = std::optional<V>;
  static uint32_t tag(const T& value) { return value.has_value() ? 1 : 0; }
  static void write(const T& value, const auto& to) {
    if (value.has_value()) to.template put<V>(*value);
  }
  static T make(uint32_t tag, const auto& from) {
    if (tag == 0) return std::nullopt;
    return T(std::in_place, from.template get<V>());
  }
};

template <typename V, typename E>
struct Abi<std::expected<V, E>>
    : VariantBase<Abi<std::expected<V, E>>, std::expected<V, E>, Cases<V, E>> {
  using T = std::expected<V, E>;
  static uint32_t tag(const T& value) { return value.has_value() ? 0 : 1; }
  static void write(const T& value, const auto& to) {
    if (!value.has_value()) {
      to.template put<E>(value.error());
    } else if constexpr (!std::is_void_v<V>) {
      to.template put<V>(*value);
    }
  }
  static T make(uint32_t tag, const auto& from) {
    if (tag != 0) return T(std::unexpect, from.template get<E>());
    if constexpr (std::is_void_v<V>) {
      return T();
    } else {
      return T(std::in_place, from.template get<V>());
    }
  }
};

template <typename C>
struct PayloadOf {
  using Type = void;
};
template <typename C>
  requires requires { &C::value; }
struct PayloadOf<C> {
  using Type = TypeOf<&C::value>;
};

// T has a member `value`, a std::variant of the case structs Cs.
template <typename T, typename... Cs>
struct VariantAbi : VariantBase<VariantAbi<T, Cs...>, T, Cases<typename PayloadOf<Cs>::Type...>> {
  static uint32_t tag(const T& value) { return static_cast<uint32_t>(value.value.index()); }

  static void write(const T& value, const auto& to) { (write_case<Cs>(value, to), ...); }
  template <typename C>
  static void write_case(const T& value, const auto& to) {
    if constexpr (requires { &C::value; }) {
      if (const C* found = std::get_if<C>(&value.value)) {
        to.template put<TypeOf<&C::value>>(found->value);
      }
    }
  }

  template <size_t kIndex = 0>
  static T make(uint32_t tag, const auto& from) {
    if constexpr (kIndex == sizeof...(Cs)) {
      fail();
    } else {
      if (tag != kIndex) return make<kIndex + 1>(tag, from);
      using C = std::tuple_element_t<kIndex, std::tuple<Cs...>>;
      if constexpr (requires { &C::value; }) {
        return T{C{from.template get<TypeOf<&C::value>>()}};
      } else {
        return T{C{}};
      }
    }
  }
};

}  // namespace spindle::abi
