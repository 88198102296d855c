#pragma once

// Calls in both directions: call() of an import, serve() for an export, whose result stays in
// memory until the host has read it.

#include <spindle/abi/values.h>

namespace spindle::abi {

template <typename Result, typename... Core, size_t... kIndex>
Result invoke(Result (*function)(Core...), const Slot* slots, std::index_sequence<kIndex...>) {
  return function(from_slot<Core>(slots[kIndex])...);
}
template <typename Result, typename... Core>
Result invoke(Result (*function)(Core...), const Slot* slots) {
  return invoke(function, slots, std::index_sequence_for<Core...>());
}

template <size_t kMax, typename... Ps>
void lower_params(Slot*& to, Arena& arena, const Ps&... params) {
  using Layout = Fields<Ps...>;
  if constexpr (Layout::kFlat > kMax) {
    Byte* area = arena.allocate(Layout::kSize);
    Layout::store(area, arena, params...);
    *to++ = address_of(area);
  } else {
    Layout::lower(to, arena, params...);
  }
}

// Calls an import. Ps are the types as which the arguments are lowered.
template <typename R, typename... Ps, typename CoreResult, typename... Core>
R call(CoreResult (*function)(Core...), const std::type_identity_t<Ps>&... params) {
  Arena arena;
  Slot slots[sizeof...(Core) + 1] = {};
  Slot* to = slots;
  lower_params<kMaxFlatParams, Ps...>(to, arena, params...);
  if constexpr (std::is_void_v<R>) {
    invoke(function, slots);
  } else if constexpr (Abi<R>::kFlat > kMaxFlatResults) {
    alignas(8) Byte area[Abi<R>::kSize];
    *to++ = address_of(area);
    invoke(function, slots);
    return Abi<R>::load(area);
  } else if constexpr (Abi<R>::kFlat == 0) {
    invoke(function, slots);
    return R{};
  } else {
    const Slot result = to_slot(invoke(function, slots));
    const Slot* from = &result;
    return Abi<R>::lift(from);
  }
}

template <typename... Core>
auto slots_of(Core... core) {
  return std::array<Slot, sizeof...(Core) + 1>{to_slot(core)..., 0};
}

// The arguments of an export, out of its core parameters.
template <typename... Ps>
std::tuple<Ps...> lift_params(const Slot* slots) {
  if constexpr (sizeof...(Ps) == 0) {
    return {};
  } else if constexpr (Fields<Ps...>::kFlat > kMaxFlatParams) {
    Byte* area = pointer_to(slots[0]);
    auto params = Abi<std::tuple<Ps...>>::load(area);
    std::free(area);
    return params;
  } else {
    return Abi<std::tuple<Ps...>>::lift(slots);
  }
}

// A result that the host reads from memory, until post-return.
template <typename R>
struct Returned {
  alignas(8) Byte area[Abi<R>::kSize];
  R value;
  Arena arena;
};

template <typename R>
int32_t keep_result(R result) {
  auto* kept = new Returned<R>{{}, std::move(result), {}};
  Abi<R>::store(kept->value, kept->area, kept->arena);
  return static_cast<int32_t>(address_of(kept->area));
}

template <typename R>
void free_result(int32_t area) {
  delete pointer_to<Returned<R>>(static_cast<uint32_t>(area));
}

// Calls what the user defined, and gives the core result.
template <typename R, typename CoreResult, typename... Ps>
CoreResult serve(auto function, const Slot* slots) {
  auto params = lift_params<Ps...>(slots);
  if constexpr (std::is_void_v<R>) {
    std::apply(function, std::move(params));
  } else if constexpr (Abi<R>::kFlat > kMaxFlatResults) {
    return keep_result<R>(std::apply(function, std::move(params)));
  } else {
    R result = std::apply(function, std::move(params));
    Slot slot = 0;
    Slot* to = &slot;
    Arena arena;
    if constexpr (Abi<R>::kFlat == 1) {
      Abi<R>::lower(result, to, arena);
      return from_slot<CoreResult>(slot);
    }
  }
}

}  // namespace spindle::abi
