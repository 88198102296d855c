#pragma once

// Which streams and futures a C++ type mentions.
//
// A guest's handle of a stream is of a component-level type, a ValueType of its component's plan.
// Typed code knows C++ types only. The two meet when a component is prepared: a function's C++
// signature and its component-level type have the same structure, because their texts were
// compared, so both mention the same streams and futures in the same order:
//
//   func(a: option<stream<u8>>) -> future<result<_, error-code>>
//     C++:   Stream<uint8_t>, Future<std::expected<void, ErrorCode>>     kTransferIds
//     plan:  stream<u8>, future<result<_, error-code>>                   each_transfer()
//
// An Abi<T> says what T is made of as `Parts`; leaves do not.

#include <array>
#include <span>
#include <type_traits>
#include <variant>

#include "base/result.h"
#include "component/plan/plan.h"

namespace spindle::component {

template <typename T>
struct Abi;

template <typename... Ts>
struct AbiParts {};

// A stream or future as C++ has it. The object is one for each type; nothing reads or writes it
// (and it is not constant, so that no linker takes two for one).
template <typename T>
inline char kTransferTag = 0;
template <typename T>
inline constexpr TransferId kTransferId = &kTransferTag<T>;

namespace abi_detail {

// Calls visit(id) for each stream and future in T, outer ones first.
template <typename T, typename F>
constexpr void visit_transfers(F& visit) {
  if constexpr (!std::is_void_v<T> && !std::is_same_v<T, std::monostate>) {
    if constexpr (requires { Abi<T>::kIsTransfer; }) visit(kTransferId<T>);
    if constexpr (requires { typename Abi<T>::Parts; }) {
      [&visit]<typename... Parts>(AbiParts<Parts...>) {
        (visit_transfers<Parts>(visit), ...);
      }(typename Abi<T>::Parts{});
    }
  }
}

template <typename... Ts>
constexpr size_t count_transfers() {
  size_t count = 0;
  auto visit = [&count](TransferId) { ++count; };
  (visit_transfers<Ts>(visit), ...);
  return count;
}

}  // namespace abi_detail

template <typename... Ts>
inline constexpr auto kTransferIds = [] {
  std::array<TransferId, abi_detail::count_transfers<Ts...>()> ids{};
  [[maybe_unused]] size_t count = 0;
  [[maybe_unused]] auto visit = [&ids, &count](TransferId id) { ids[count++] = id; };
  (abi_detail::visit_transfers<Ts>(visit), ...);
  return ids;
}();

// The types behind the ids that C++ code has for a function of this type. An error when the two do
// not have the same structure.
Result<std::vector<TransferType>> match_transfers(std::span<const TransferId> ids,
                                                  const FunctionType& type);

}  // namespace spindle::component
