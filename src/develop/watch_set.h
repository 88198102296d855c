#pragma once

// WatchSet: what an application is made of, by content: which components' sources have changed
// since the last look, and what is served: the manifest, components' files and what they mount.
//
//   WatchSet set(manifest);
//   auto before = set.look();
//   auto changed = changed_sources(before, set.look());
//
// Files count by what is in them: one that is written again with the same content has not changed.
// A file whose time and size are as before is not read again, unless it was new. Links are not
// followed, `.git` and
// `.spin` are passed over, and the number of files is limited.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/glob.h"
#include "base/result.h"
#include "develop/build_manifest.h"

namespace spindle::develop {

inline constexpr size_t kMaxWatchedFiles = 100'000;
inline constexpr int kMaxWatchedDepth = 64;

struct WatchLook {
  // By component: a number that stands for all its sources.
  std::map<std::string, uint64_t> sources;
  uint64_t manifest = 0;
  // Of the manifest, the components and their mounted files.
  uint64_t served = 0;
  // Where changes may show.
  std::set<std::filesystem::path> directories;
};

// Components whose sources are not as they were.
std::vector<std::string> changed_sources(const WatchLook& before, const WatchLook& now);

class WatchSet {
 public:
  static Result<WatchSet> create(BuildManifest manifest);

  const BuildManifest& manifest() const { return manifest_; }
  // Reads the disk; errors of single files count as their absence.
  WatchLook look();
  // The source of a component that was written last; nothing where it names none.
  std::optional<std::filesystem::path> newest_source(std::string_view component);

 private:
  struct Pattern {
    std::filesystem::path base;
    app::Glob glob;
    // Without patterns: the whole tree, or the one file, at `base`.
    bool is_literal = false;
  };
  struct Part {
    std::string component;
    std::vector<Pattern> sources;
    std::vector<Pattern> mounts;
    std::filesystem::path binary;
  };
  struct Known {
    std::filesystem::file_time_type time;
    uintmax_t size = 0;
    uint64_t hash = 0;
    bool is_settled = false;
  };

  explicit WatchSet(BuildManifest manifest) : manifest_(std::move(manifest)) {}
  static Result<Pattern> pattern(const std::filesystem::path& base, const std::string& text);
  uint64_t hash_of(const std::filesystem::path& file);
  uint64_t hash_of(const Pattern& pattern, WatchLook& look);
  // Every file of a pattern, and every directory where one may appear.
  struct Visitor {
    std::function<void(const std::filesystem::path& file)> file;
    std::function<void(std::filesystem::path directory)> directory;
  };
  static void visit(const Pattern& pattern, const Visitor& visitor);
  static void walk(const Pattern& pattern, const std::filesystem::path& directory, int depth,
                   const Visitor& visitor);

  BuildManifest manifest_;
  std::vector<Part> parts_;
  std::map<std::filesystem::path, Known> known_;
  size_t files_ = 0;
};

}  // namespace spindle::develop
