#pragma once

// StrongId<Tag>: an index that cannot be mistaken for another kind of index.
//
//   using TypeIndex = StrongId<struct TypeIndexTag>;

#include <compare>
#include <cstdint>
#include <functional>

namespace spindle {

template <typename Tag>
struct StrongId {
  uint32_t value = 0;

  constexpr StrongId() = default;
  constexpr explicit StrongId(uint32_t index) : value(index) {}
  template <std::integral I>
    requires(sizeof(I) > sizeof(uint32_t))
  constexpr explicit StrongId(I index) : value(static_cast<uint32_t>(index)) {}
  constexpr auto operator<=>(const StrongId&) const = default;
};

}  // namespace spindle

template <typename Tag>
struct std::hash<spindle::StrongId<Tag>> {
  size_t operator()(spindle::StrongId<Tag> id) const noexcept { return id.value; }
};
