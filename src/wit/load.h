#pragma once

// Reads WIT: a directory, one file, or text becomes a Resolve.
//
// A directory is one package: its `.wit` files, in the order of their names, plus `deps/`, which
// holds a folder or a file for each dependency in any order; several versions of one package may
// live side by side, and a file may hold nested packages. Loading several roots into one Resolve
// merges packages that both bring.
//
// Errors carry file, line and column, in the style of the Rust compiler:
//
//   expected `;`, found `}`
//    --> wit/world.wit:3:9
//     |
//   3 |   foo: func() }
//     |               ^

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wit/model.h"

namespace spindle::wit {

enum class UnstableItems : uint8_t { KeepEnabled, KeepAll };

struct LoadOptions {
  // `@unstable(feature = x)` items are dropped unless x is enabled here, or all are kept.
  std::set<std::string> features;
  UnstableItems unstable = UnstableItems::KeepEnabled;
};

// A named text, for callers that have no files (tests, embedded WIT).
struct SourceText {
  std::string name;
  std::string text;
};

Result<Resolve> load_directory(const std::string& directory, const LoadOptions& options = {});
// Roots may be directories or single files.
Result<Resolve> load_paths(const std::vector<std::string>& roots, const LoadOptions& options = {});
// The texts are the files of one package directory; `deps` are its dependencies' files, each on its
// own or several to a package.
Result<Resolve> load_texts(const std::vector<SourceText>& texts, const LoadOptions& options = {});

}  // namespace spindle::wit
