#pragma once

// Paths of guests, confined to a directory.
//
// Every path is resolved relative to an open directory and never leaves it: not by `..`, not as an
// absolute path, not through a symbolic link, not when somebody swaps a directory for a link in the
// middle. Links that stay beneath work. The kernel does it (openat2 with RESOLVE_BENEATH); where it
// cannot (old kernels, some seccomp filters), a walk opens one component at a time without
// following links and follows them itself.
//
// What leaves the directory is NotPermitted, as in Wasmtime. Operations that name a directory entry
// (create, remove, rename, link) open its parent and pass on a single name, which the system does
// not follow.

#include <string>
#include <string_view>

#include "wasi/core/fd.h"
#include "wasi/core/file_error.h"

namespace spindle::wasi {

// Paths longer than the system's are refused before they are copied.
inline constexpr size_t kPathBytesMax = 4095;
// As the kernel.
inline constexpr int kSymbolicLinksMax = 40;
// How many directories deep the walk goes; it holds a descriptor for each.
inline constexpr size_t kWalkDepthMax = 128;

enum class Resolver {
  Automatic,  // the kernel where it can, else the walk
  Walk,       // the walk, for tests
};

struct OpenMode {
  // O_RDONLY, O_CREAT, O_PATH, O_NOFOLLOW, ...; O_CLOEXEC, O_NOCTTY and O_NONBLOCK are added.
  int flags = 0;
  unsigned permissions = 0;
};

FileResult<Fd> open_beneath(int directory, std::string_view path, OpenMode mode,
                            Resolver resolver = Resolver::Automatic);

// A directory entry: its parent, opened, and its name there. The name may end in `/`.
struct EntryName {
  Fd parent;
  std::string name;
};

// Fails with `if_dots` for `.` and `..`, which name no entry.
FileResult<EntryName> open_parent_beneath(int directory, std::string_view path,
                                          FileErrorCode if_dots,
                                          Resolver resolver = Resolver::Automatic);

}  // namespace spindle::wasi
