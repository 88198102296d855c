#pragma once

// How much WIT a load accepts. WIT comes from other people's packages: each limit is far above what
// real packages need, and low enough that no input makes the loader slow or exhausts the stack.

#include <cstddef>
#include <cstdint>

namespace spindle::wit {

inline constexpr size_t kMaxFileSize = size_t{4} << 20;     // bytes of one file
inline constexpr size_t kMaxTotalSize = size_t{64} << 20;   // bytes of all files of a load
inline constexpr size_t kMaxFiles = 10'000;                 // files of a load
inline constexpr size_t kMaxDirectoryDepth = 16;            // folders within folders
inline constexpr size_t kMaxNameLength = 256;               // bytes of one name
inline constexpr size_t kMaxNesting = 64;                   // `list<list<...>>` in one type
inline constexpr size_t kMaxTypeDepth = 100;                // types within types, by name
inline constexpr size_t kMaxUseDepth = 100;                 // interfaces that use interfaces
inline constexpr size_t kMaxItems = 10'000;                 // fields, cases, functions of one item
inline constexpr size_t kMaxTypes = 1'000'000;              // types of a load
inline constexpr size_t kMaxPackages = 2'000;               // packages of a load
inline constexpr size_t kMaxFixedListLength = 0xFFFF'FFFF;  // elements of `list<T, N>`
inline constexpr size_t kMaxTypeText = size_t{1} << 20;     // bytes of a canonical type text

}  // namespace spindle::wit
