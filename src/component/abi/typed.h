#pragma once

// Abi<T>: the canonical ABI for one C++ type, resolved at compile time.
//
//   Abi<T>::kSize, kAlign       the layout in memory
//   Abi<T>::kFlat               the flat types, an array
//   load(call, at, out)         lift from memory; the caller has checked alignment and bounds of at
//   lift(call, reader, out)     lift from flat values
//   store(call, at, value)      lower into memory, checked likewise; the value is consumed
//   lower(call, writer, value)  lower to flat values
//   Parts                       the types that T is made of, where there are some
//
// C++ types and what they stand for:
//   bool, integers, float, double, char32_t            the scalars
//   std::string_view / std::string                     string; lifted as a view where possible
//   std::span<const T> of numbers                      list: a view of guest memory
//   std::vector<T>                                     list
//   std::optional<T>, std::expected<T, E>, std::tuple  option, result (absent: void or
//                                                      std::monostate), tuple
//   R* and std::unique_ptr<R>                          borrow<R>, own<R> of a HostResource
// Generated types specialize Abi with RecordAbi, VariantAbi, EnumAbi, FlagsAbi (compound.h).

#include <array>
#include <concepts>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "component/abi/call_context.h"
#include "component/abi/flat.h"
#include "component/abi/transfer_ids.h"

namespace spindle::component {

template <typename T>
concept AbiNumber = (std::integral<T> || std::floating_point<T>) && !std::same_as<T, bool> &&
                    !std::same_as<T, char> && !std::same_as<T, char32_t>;

template <typename T>
T load_raw(CallContext& call, uint32_t at) {
  T value;
  std::memcpy(&value, call.memory().data() + at, sizeof(T));
  return value;
}

template <typename T>
void store_raw(CallContext& call, uint32_t at, T value) {
  std::memcpy(call.memory().data() + at, &value, sizeof(T));
}

template <FlatType... Types>
inline constexpr std::array<FlatType, sizeof...(Types)> kFlatTypes{Types...};

template <std::integral T>
  requires AbiNumber<T>
struct Abi<T> {
  static constexpr uint32_t kSize = sizeof(T);
  static constexpr uint32_t kAlign = sizeof(T);
  static constexpr auto kFlat = kFlatTypes < sizeof(T) == 8 ? FlatType::I64 : FlatType::I32 > ;

  static Result<void> load(CallContext& call, uint32_t at, T& out) {
    out = load_raw<T>(call, at);
    return {};
  }
  static Result<void> lift(CallContext&, RawReader& flat, T& out) {
    out = static_cast<T>(flat.next().i64);
    return {};
  }
  static Result<void> store(CallContext& call, uint32_t at, const T& value) {
    store_raw(call, at, value);
    return {};
  }
  static Result<void> lower(CallContext&, RawWriter& flat, const T& value) {
    if constexpr (sizeof(T) == 8) {
      flat.put_u64(static_cast<uint64_t>(value));
    } else {
      // Signed integers are sign-extended to 32 bits.
      flat.put_u32(static_cast<uint32_t>(value));
    }
    return {};
  }
};

template <std::floating_point T>
struct Abi<T> {
  using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
  static constexpr uint32_t kSize = sizeof(T);
  static constexpr uint32_t kAlign = sizeof(T);
  static constexpr auto kFlat = kFlatTypes < sizeof(T) == 8 ? FlatType::F64 : FlatType::F32 > ;

  static Result<void> load(CallContext& call, uint32_t at, T& out) {
    out = canonical_float(load_raw<T>(call, at));
    return {};
  }
  static Result<void> lift(CallContext&, RawReader& flat, T& out) {
    out = canonical_float(std::bit_cast<T>(static_cast<Bits>(flat.next().i64)));
    return {};
  }
  static Result<void> store(CallContext& call, uint32_t at, const T& value) {
    store_raw(call, at, canonical_float(value));
    return {};
  }
  static Result<void> lower(CallContext&, RawWriter& flat, const T& value) {
    flat.put_u64(std::bit_cast<Bits>(canonical_float(value)));
    return {};
  }
};

template <>
struct Abi<bool> {
  static constexpr uint32_t kSize = 1;
  static constexpr uint32_t kAlign = 1;
  static constexpr auto kFlat = kFlatTypes<FlatType::I32>;

  static Result<void> load(CallContext& call, uint32_t at, bool& out) {
    out = load_raw<uint8_t>(call, at) != 0;
    return {};
  }
  static Result<void> lift(CallContext&, RawReader& flat, bool& out) {
    out = flat.next_u32() != 0;
    return {};
  }
  static Result<void> store(CallContext& call, uint32_t at, const bool& value) {
    store_raw<uint8_t>(call, at, value ? 1 : 0);
    return {};
  }
  static Result<void> lower(CallContext&, RawWriter& flat, const bool& value) {
    flat.put_u32(value ? 1 : 0);
    return {};
  }
};

template <>
struct Abi<char32_t> {
  static constexpr uint32_t kSize = 4;
  static constexpr uint32_t kAlign = 4;
  static constexpr auto kFlat = kFlatTypes<FlatType::I32>;

  static bool is_scalar_value(uint32_t point) {
    return point < 0xd800 || (point >= 0xe000 && point < 0x110000);
  }
  static Result<void> check(uint32_t point, char32_t& out) {
    if (!is_scalar_value(point)) {
      return Error::trap(fmt::format("invalid `char` bit pattern {:#x}", point));
    }
    out = point;
    return {};
  }
  static Result<void> load(CallContext& call, uint32_t at, char32_t& out) {
    return check(load_raw<uint32_t>(call, at), out);
  }
  static Result<void> lift(CallContext&, RawReader& flat, char32_t& out) {
    return check(flat.next_u32(), out);
  }
  static Result<void> store(CallContext& call, uint32_t at, const char32_t& value) {
    if (!is_scalar_value(value)) return Error::internal("the host passes an invalid char");
    store_raw<uint32_t>(call, at, value);
    return {};
  }
  static Result<void> lower(CallContext&, RawWriter& flat, const char32_t& value) {
    if (!is_scalar_value(value)) return Error::internal("the host passes an invalid char");
    flat.put_u32(value);
    return {};
  }
};

// What strings and lists share: a pointer and a length. Derived has
//   read(call, pointer, length, out) and write(call, value, Range& range).
struct GuestRange {
  uint32_t pointer = 0;
  uint32_t length = 0;
};

template <typename Derived, typename T>
struct RangeAbi {
  static constexpr uint32_t kSize = 8;
  static constexpr uint32_t kAlign = 4;
  static constexpr auto kFlat = kFlatTypes<FlatType::I32, FlatType::I32>;

  static Result<void> load(CallContext& call, uint32_t at, T& out) {
    return Derived::read(call, {load_raw<uint32_t>(call, at), load_raw<uint32_t>(call, at + 4)},
                         out);
  }
  static Result<void> lift(CallContext& call, RawReader& flat, T& out) {
    const uint32_t pointer = flat.next_u32();
    return Derived::read(call, {pointer, flat.next_u32()}, out);
  }
  static Result<void> store(CallContext& call, uint32_t at, T& value) {
    const GuestRange range = TRY(Derived::write(call, value));
    store_raw(call, at, range.pointer);
    store_raw(call, at + 4, range.length);
    return {};
  }
  static Result<void> lower(CallContext& call, RawWriter& flat, T& value) {
    const GuestRange range = TRY(Derived::write(call, value));
    flat.put_u32(range.pointer);
    flat.put_u32(range.length);
    return {};
  }
};

template <>
struct Abi<std::string_view> : RangeAbi<Abi<std::string_view>, std::string_view> {
  static Result<void> read(CallContext& call, GuestRange range, std::string_view& out) {
    out = TRY(call.load_string(range.pointer, range.length));
    return {};
  }
  static Result<GuestRange> write(CallContext& call, std::string_view value) {
    const CallContext::GuestString text = TRY(call.store_string(value));
    return GuestRange{text.pointer, text.length};
  }
};

template <>
struct Abi<std::string> : RangeAbi<Abi<std::string>, std::string> {
  static Result<void> read(CallContext& call, GuestRange range, std::string& out) {
    const std::string_view view = TRY(call.load_string(range.pointer, range.length));
    TRY(call.charge(view.size()));
    out = view;
    return {};
  }
  static Result<GuestRange> write(CallContext& call, const std::string& value) {
    return Abi<std::string_view>::write(call, value);
  }
};

// Lowers a list of numbers.
template <AbiNumber T>
Result<GuestRange> write_numbers(CallContext& call, std::span<const T> values) {
  const uint32_t pointer = TRY(call.allocate_list(values.size_bytes(), sizeof(T)));
  if (!values.empty()) {
    std::memcpy(call.memory().data() + pointer, values.data(), values.size_bytes());
  }
  return GuestRange{pointer, static_cast<uint32_t>(values.size())};
}

template <AbiNumber T>
struct Abi<std::span<const T>> : RangeAbi<Abi<std::span<const T>>, std::span<const T>> {
  static Result<void> read(CallContext& call, GuestRange range, std::span<const T>& out) {
    const std::span<const uint8_t> bytes =
        TRY(call.list_bytes(range.pointer, uint64_t{range.length} * sizeof(T), sizeof(T)));
    out = {reinterpret_cast<const T*>(bytes.data()), range.length};
    return {};
  }
  static Result<GuestRange> write(CallContext& call, std::span<const T> value) {
    return write_numbers(call, value);
  }
};

template <typename T>
struct Abi<std::vector<T>> : RangeAbi<Abi<std::vector<T>>, std::vector<T>> {
  using Parts = AbiParts<T>;

  static Result<void> read(CallContext& call, GuestRange range, std::vector<T>& out) {
    using Element = Abi<T>;
    const std::span<const uint8_t> bytes = TRY(
        call.list_bytes(range.pointer, uint64_t{range.length} * Element::kSize, Element::kAlign));
    TRY(call.charge(uint64_t{range.length} * sizeof(T)));
    if constexpr (AbiNumber<T>) {
      out.resize(range.length);
      if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
    } else {
      out.clear();
      out.reserve(range.length);
      for (uint32_t i = 0; i < range.length; ++i) {
        T element{};
        TRY(Element::load(call, range.pointer + i * Element::kSize, element));
        out.push_back(std::move(element));
      }
    }
    return {};
  }
  static Result<GuestRange> write(CallContext& call, std::vector<T>& value) {
    using Element = Abi<T>;
    if constexpr (AbiNumber<T>) {
      return write_numbers(call, std::span<const T>(value));
    } else {
      const uint32_t pointer =
          TRY(call.allocate_list(uint64_t{value.size()} * Element::kSize, Element::kAlign));
      uint32_t at = pointer;
      for (auto&& element : value) {
        TRY(Element::store(call, at, element));
        at += Element::kSize;
      }
      return GuestRange{pointer, static_cast<uint32_t>(value.size())};
    }
  }
};

// Handles. Derived has to_handle(call, value) and from_handle(call, index, out).
template <typename Derived, typename T>
struct HandleAbi {
  static constexpr uint32_t kSize = 4;
  static constexpr uint32_t kAlign = 4;
  static constexpr auto kFlat = kFlatTypes<FlatType::I32>;

  static Result<void> load(CallContext& call, uint32_t at, T& out) {
    return Derived::from_handle(call, load_raw<uint32_t>(call, at), out);
  }
  static Result<void> lift(CallContext& call, RawReader& flat, T& out) {
    return Derived::from_handle(call, flat.next_u32(), out);
  }
  static Result<void> store(CallContext& call, uint32_t at, T& value) {
    const uint32_t index = TRY(Derived::to_handle(call, value));
    store_raw(call, at, index);
    return {};
  }
  static Result<void> lower(CallContext& call, RawWriter& flat, T& value) {
    const uint32_t index = TRY(Derived::to_handle(call, value));
    flat.put_u32(index);
    return {};
  }
};

// borrow<R>. The pointer is null only before it is lifted.
template <typename R>
struct Abi<R*> : HandleAbi<Abi<R*>, R*> {
  static Result<void> from_handle(CallContext& call, uint32_t index, R*& out) {
    static_assert(std::derived_from<R, HostResource>);
    const uint32_t rep = TRY(call.handles().lend(index, resource_type<R>(), call.scope()));
    out = static_cast<R*>(&call.resources().get(rep));
    return {};
  }
  // A resource that the host's table owns, lent to a guest's export.
  static Result<uint32_t> to_handle(CallContext& call, R* value) {
    const uint32_t rep = call.resources().rep_of(*value);
    return call.handles().add_borrow(resource_type<R>(), rep, call.scope());
  }
};

// own<R>.
template <typename R>
struct Abi<std::unique_ptr<R>> : HandleAbi<Abi<std::unique_ptr<R>>, std::unique_ptr<R>> {
  static Result<void> from_handle(CallContext& call, uint32_t index, std::unique_ptr<R>& out) {
    static_assert(std::derived_from<R, HostResource>);
    const uint32_t rep = TRY(call.handles().take_own(index, resource_type<R>()));
    out.reset(static_cast<R*>(call.resources().take(rep).release()));
    return {};
  }
  static Result<uint32_t> to_handle(CallContext& call, std::unique_ptr<R>& value) {
    const uint32_t rep = TRY(call.resources().add(std::move(value)));
    return call.handles().add_own(resource_type<R>(), rep);
  }
};

}  // namespace spindle::component
