#pragma once

// Abi of compound types, and the building blocks that generated types use:
//
//   template <> struct Abi<Point> : RecordAbi<Point, &Point::x, &Point::y> {};
//   template <> struct Abi<Color> : EnumAbi<Color, 3> {};
//   template <> struct Abi<Modes> : FlagsAbi<Modes, &Modes::read, &Modes::write> {};
//   template <> struct Abi<Shape> : VariantAbi<Shape> {};
//
// A variant is a struct whose member `value` is a std::variant of case structs; a case with a
// payload has it as its member `value`. Flags are a struct of bools.

#include <algorithm>
#include <expected>
#include <optional>
#include <tuple>
#include <variant>

#include "component/abi/typed.h"

namespace spindle::component {

namespace abi_detail {

// A payload that is absent.
struct Nothing {
  static constexpr uint32_t kSize = 0;
  static constexpr uint32_t kAlign = 1;
  static constexpr std::array<FlatType, 0> kFlat{};
};

template <typename T>
struct PayloadAbi : Abi<T> {};
template <>
struct PayloadAbi<void> : Nothing {};
template <>
struct PayloadAbi<std::monostate> : Nothing {};

template <typename T>
inline constexpr bool kAbsent = std::is_void_v<T> || std::is_same_v<T, std::monostate>;

template <size_t Size>
constexpr void append(std::array<FlatType, Size>& to, size_t& count,
                      std::span<const FlatType> types) {
  for (FlatType type : types) to[count++] = type;
}

template <typename... Fields>
struct RecordLayout {
  static constexpr uint32_t kAlign = std::max({uint32_t{1}, Abi<Fields>::kAlign...});
  // The offset of each field, then the size.
  static constexpr auto kOffsets = [] {
    constexpr size_t kCount = sizeof...(Fields);
    const std::array<uint32_t, kCount> sizes{Abi<Fields>::kSize...};
    const std::array<uint32_t, kCount> aligns{Abi<Fields>::kAlign...};
    std::array<uint32_t, kCount + 1> offsets{};
    uint32_t at = 0;
    for (size_t i = 0; i < kCount; ++i) {
      offsets[i] = align_to(at, aligns[i]);
      at = offsets[i] + sizes[i];
    }
    offsets[kCount] = align_to(at, kAlign);
    return offsets;
  }();
  static constexpr uint32_t kSize = kOffsets[sizeof...(Fields)];
  static constexpr auto kFlat = [] {
    std::array<FlatType, (Abi<Fields>::kFlat.size() + ... + 0)> flat{};
    [[maybe_unused]] size_t count = 0;
    (append(flat, count, Abi<Fields>::kFlat), ...);
    return flat;
  }();
};

constexpr FlatType join_flat(FlatType a, FlatType b) {
  if (a == b) return a;
  auto is_32 = [](FlatType type) { return type == FlatType::I32 || type == FlatType::F32; };
  return is_32(a) && is_32(b) ? FlatType::I32 : FlatType::I64;
}

// Slot 0 is the discriminant; slots before `used` belong to earlier cases too.
constexpr void join_case(std::span<FlatType> flat, size_t& used, std::span<const FlatType> types) {
  for (size_t i = 0; i < types.size(); ++i) {
    flat[i + 1] = i + 1 < used ? join_flat(flat[i + 1], types[i]) : types[i];
  }
  used = std::max(used, types.size() + 1);
}

template <typename... Payloads>
struct VariantLayout {
  static constexpr size_t kCases = sizeof...(Payloads);
  using Discriminant = std::conditional_t<kCases <= 256, uint8_t,
                                          std::conditional_t<kCases <= 65536, uint16_t, uint32_t>>;
  static constexpr uint32_t kPayloadAlign = std::max({PayloadAbi<Payloads>::kAlign...});
  static constexpr uint32_t kAlign =
      std::max(static_cast<uint32_t>(sizeof(Discriminant)), kPayloadAlign);
  static constexpr uint32_t kPayloadOffset =
      align_to(static_cast<uint32_t>(sizeof(Discriminant)), kPayloadAlign);
  static constexpr uint32_t kSize =
      align_to(kPayloadOffset + std::max({PayloadAbi<Payloads>::kSize...}), kAlign);
  static constexpr size_t kFlatCount = 1 + std::max({PayloadAbi<Payloads>::kFlat.size()...});
  static constexpr auto kFlat = [] {
    std::array<FlatType, kFlatCount> flat{};
    size_t used = 1;
    flat[0] = FlatType::I32;
    (join_case(flat, used, PayloadAbi<Payloads>::kFlat), ...);
    return flat;
  }();

  static Result<uint32_t> check(uint32_t discriminant) {
    if (discriminant >= kCases) {
      return Error::trap(fmt::format("invalid variant discriminant: {} where {} cases exist",
                                     discriminant, kCases));
    }
    return discriminant;
  }
  static Result<uint32_t> load_discriminant(CallContext& call, uint32_t at) {
    return check(load_raw<Discriminant>(call, at));
  }
  static void store_discriminant(CallContext& call, uint32_t at, size_t index) {
    store_raw(call, at, static_cast<Discriminant>(index));
  }
};

template <typename M>
struct MemberOf;
template <typename T, typename C>
struct MemberOf<T C::*> {
  using Type = T;
};
template <auto Member>
using MemberType = typename MemberOf<decltype(Member)>::Type;

// The four operations of a record, given a way to reach each of its fields.
template <typename T, typename Get, typename... Fields>
struct FieldsAbi : RecordLayout<Fields...> {
  using Layout = RecordLayout<Fields...>;
  using Parts = AbiParts<Fields...>;
  using Indices = std::index_sequence_for<Fields...>;

  static Result<void> load(CallContext& call, uint32_t at, T& out) {
    return each(Indices{}, [&]<size_t I, typename F>() {
      return Abi<F>::load(call, at + Layout::kOffsets[I], Get::template field<I>(out));
    });
  }
  static Result<void> lift(CallContext& call, RawReader& flat, T& out) {
    return each(Indices{}, [&]<size_t I, typename F>() {
      return Abi<F>::lift(call, flat, Get::template field<I>(out));
    });
  }
  static Result<void> store(CallContext& call, uint32_t at, T& value) {
    return each(Indices{}, [&]<size_t I, typename F>() {
      return Abi<F>::store(call, at + Layout::kOffsets[I], Get::template field<I>(value));
    });
  }
  static Result<void> lower(CallContext& call, RawWriter& flat, T& value) {
    return each(Indices{}, [&]<size_t I, typename F>() {
      return Abi<F>::lower(call, flat, Get::template field<I>(value));
    });
  }

 private:
  // Stops at the first error.
  template <size_t... I, typename F>
  static Result<void> each(std::index_sequence<I...>, F&& visit) {
    Result<void> result;
    [[maybe_unused]] const bool ok =
        ((result = visit.template operator()<I, Fields>(), result.has_value()) && ...);
    return result;
  }
};

template <auto... Members>
struct GetMember {
  template <size_t I, typename T>
  static auto& field(T& record) {
    return record.*std::get<I>(std::tuple{Members...});
  }
};
struct GetElement {
  template <size_t I, typename T>
  static auto& field(T& tuple) {
    return std::get<I>(tuple);
  }
};

// Runs visit<I>() for the case with this index.
template <size_t... I, typename F>
Result<void> visit_case(std::index_sequence<I...>, size_t index, F&& visit) {
  Result<void> result;
  [[maybe_unused]] const bool found =
      ((I == index && (result = visit.template operator()<I>(), true)) || ...);
  return result;
}

// The four operations of a variant. Access has
//   template <size_t I> static Payload& emplace(T&)   make T hold case I, return its payload
//   template <size_t I> static Payload& payload(T&)   of a T that holds case I
//   static size_t index(const T&)
// where a case without payload answers void.
template <typename T, typename Access, typename... Payloads>
struct CasesAbi : VariantLayout<Payloads...> {
  using Layout = VariantLayout<Payloads...>;
  using Parts = AbiParts<Payloads...>;
  using Indices = std::index_sequence_for<Payloads...>;
  template <size_t I>
  using Payload = std::tuple_element_t<I, std::tuple<std::type_identity<Payloads>...>>::type;

  static Result<void> load(CallContext& call, uint32_t at, T& out) {
    const uint32_t found = TRY(Layout::load_discriminant(call, at));
    return visit_case(Indices{}, found, [&]<size_t I>() -> Result<void> {
      if constexpr (kAbsent<Payload<I>>) {
        Access::template emplace<I>(out);
        return {};
      } else {
        return Abi<Payload<I>>::load(call, at + Layout::kPayloadOffset,
                                     Access::template emplace<I>(out));
      }
    });
  }
  static Result<void> lift(CallContext& call, RawReader& flat, T& out) {
    const size_t end = flat.position() + Layout::kFlatCount;
    const uint32_t found = TRY(Layout::check(flat.next_u32()));
    TRY(visit_case(Indices{}, found, [&]<size_t I>() -> Result<void> {
      if constexpr (kAbsent<Payload<I>>) {
        Access::template emplace<I>(out);
        return {};
      } else {
        return Abi<Payload<I>>::lift(call, flat, Access::template emplace<I>(out));
      }
    }));
    flat.seek(end);
    return {};
  }
  static Result<void> store(CallContext& call, uint32_t at, T& value) {
    const size_t index = Access::index(value);
    Layout::store_discriminant(call, at, index);
    return visit_case(Indices{}, index, [&]<size_t I>() -> Result<void> {
      if constexpr (kAbsent<Payload<I>>) {
        return {};
      } else {
        return Abi<Payload<I>>::store(call, at + Layout::kPayloadOffset,
                                      Access::template payload<I>(value));
      }
    });
  }
  static Result<void> lower(CallContext& call, RawWriter& flat, T& value) {
    const size_t end = flat.position() + Layout::kFlatCount;
    const size_t index = Access::index(value);
    flat.put_u32(static_cast<uint32_t>(index));
    TRY(visit_case(Indices{}, index, [&]<size_t I>() -> Result<void> {
      if constexpr (kAbsent<Payload<I>>) {
        return {};
      } else {
        return Abi<Payload<I>>::lower(call, flat, Access::template payload<I>(value));
      }
    }));
    flat.pad_to(end);
    return {};
  }
};

template <typename C>
struct CasePayload {
  using Type = void;
};
template <typename C>
  requires requires { &C::value; }
struct CasePayload<C> {
  using Type = decltype(C::value);
};

struct StructAccess {
  template <typename T>
  static size_t index(const T& variant) {
    return variant.value.index();
  }
  template <size_t I, typename T>
  static decltype(auto) emplace(T& variant) {
    auto& chosen = variant.value.template emplace<I>();
    if constexpr (requires { chosen.value; }) return (chosen.value);
  }
  template <size_t I, typename T>
  static auto& payload(T& variant) {
    return std::get<I>(variant.value).value;
  }
};

template <typename T, typename Cases>
struct StructVariantAbi;
template <typename T, typename... Cases>
struct StructVariantAbi<T, std::variant<Cases...>>
    : CasesAbi<T, StructAccess, typename CasePayload<Cases>::Type...> {};

struct OptionAccess {
  template <typename T>
  static size_t index(const std::optional<T>& option) {
    return option.has_value() ? 1 : 0;
  }
  template <size_t I, typename T>
  static decltype(auto) emplace(std::optional<T>& option) {
    if constexpr (I == 0) {
      option.reset();
    } else {
      return option.emplace();
    }
  }
  template <size_t I, typename T>
  static T& payload(std::optional<T>& option) {
    return *option;
  }
};

struct ResultAccess {
  template <typename T, typename E>
  static size_t index(const std::expected<T, E>& result) {
    return result.has_value() ? 0 : 1;
  }
  template <size_t I, typename T, typename E>
  static decltype(auto) emplace(std::expected<T, E>& result) {
    if constexpr (I == 1) {
      result = std::unexpected<E>(std::in_place);
      return (result.error());
    } else if constexpr (std::is_void_v<T>) {
      result.emplace();
    } else {
      result = std::expected<T, E>(std::in_place);
      return (*result);
    }
  }
  template <size_t I, typename T, typename E>
  static auto& payload(std::expected<T, E>& result) {
    if constexpr (I == 0) {
      return *result;
    } else {
      return result.error();
    }
  }
};

}  // namespace abi_detail

template <typename T, auto... Members>
struct RecordAbi : abi_detail::FieldsAbi<T, abi_detail::GetMember<Members...>,
                                         abi_detail::MemberType<Members>...> {};

template <typename T>
struct VariantAbi : abi_detail::StructVariantAbi<T, decltype(T::value)> {};

template <typename... Ts>
struct Abi<std::tuple<Ts...>>
    : abi_detail::FieldsAbi<std::tuple<Ts...>, abi_detail::GetElement, Ts...> {};

template <typename T>
struct Abi<std::optional<T>>
    : abi_detail::CasesAbi<std::optional<T>, abi_detail::OptionAccess, void, T> {};

template <typename T, typename E>
struct Abi<std::expected<T, E>>
    : abi_detail::CasesAbi<std::expected<T, E>, abi_detail::ResultAccess, T, E> {};

// An enum class whose enumerators count from 0.
template <typename T, size_t Count>
struct EnumAbi {
  using Discriminant = std::conditional_t<Count <= 256, uint8_t,
                                          std::conditional_t<Count <= 65536, uint16_t, uint32_t>>;
  static constexpr uint32_t kSize = sizeof(Discriminant);
  static constexpr uint32_t kAlign = kSize;
  static constexpr auto kFlat = kFlatTypes<FlatType::I32>;

  static Result<void> load(CallContext& call, uint32_t at, T& out) {
    return check(load_raw<Discriminant>(call, at), out);
  }
  static Result<void> lift(CallContext&, RawReader& flat, T& out) {
    return check(flat.next_u32(), out);
  }
  static Result<void> store(CallContext& call, uint32_t at, const T& value) {
    store_raw(call, at, static_cast<Discriminant>(value));
    return {};
  }
  static Result<void> lower(CallContext&, RawWriter& flat, const T& value) {
    flat.put_u32(static_cast<uint32_t>(value));
    return {};
  }

 private:
  static Result<void> check(uint32_t found, T& out) {
    if (found >= Count) {
      return Error::trap(
          fmt::format("invalid variant discriminant: {} where {} cases exist", found, Count));
    }
    out = static_cast<T>(found);
    return {};
  }
};

// A struct of bools, in order of the bits. Bits beyond them are ignored.
template <typename T, auto... Members>
struct FlagsAbi {
  static constexpr size_t kCount = sizeof...(Members);
  static_assert(kCount >= 1 && kCount <= 32);
  using Bits = std::conditional_t<kCount <= 8, uint8_t,
                                  std::conditional_t<kCount <= 16, uint16_t, uint32_t>>;
  static constexpr uint32_t kSize = sizeof(Bits);
  static constexpr uint32_t kAlign = kSize;
  static constexpr auto kFlat = kFlatTypes<FlatType::I32>;

  static Result<void> load(CallContext& call, uint32_t at, T& out) {
    unpack(load_raw<Bits>(call, at), out);
    return {};
  }
  static Result<void> lift(CallContext&, RawReader& flat, T& out) {
    unpack(flat.next_u32(), out);
    return {};
  }
  static Result<void> store(CallContext& call, uint32_t at, const T& value) {
    store_raw(call, at, static_cast<Bits>(pack(value)));
    return {};
  }
  static Result<void> lower(CallContext&, RawWriter& flat, const T& value) {
    flat.put_u32(pack(value));
    return {};
  }

 private:
  static void unpack(uint32_t bits, T& out) {
    uint32_t bit = 0;
    ((out.*Members = (bits >> bit++ & 1) != 0), ...);
  }
  static uint32_t pack(const T& value) {
    uint32_t bits = 0;
    uint32_t bit = 0;
    ((bits |= (value.*Members ? 1U : 0U) << bit++), ...);
    return bits;
  }
};

}  // namespace spindle::component
