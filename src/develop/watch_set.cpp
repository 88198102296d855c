#include "develop/watch_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>

namespace spindle::develop {
namespace {

namespace fs = std::filesystem;

constexpr std::streamsize kPartBytes = 1 << 16;
constexpr auto kTimeGranularity = std::chrono::seconds(2);

void mix(uint64_t& hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  hash ^= hash >> 29;
}

// The directory, or the next one above that exists.
fs::path existing(fs::path path) {
  std::error_code error;
  while (!fs::is_directory(path, error) && path.has_relative_path()) path = path.parent_path();
  return path;
}

uint64_t hash_content(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::vector<char> part(kPartBytes);
  uint64_t hash = 1;
  while (stream.read(part.data(), kPartBytes), stream.gcount() > 0) {
    const std::string_view content(part.data(), static_cast<size_t>(stream.gcount()));
    mix(hash, std::hash<std::string_view>{}(content));
  }
  return hash;
}

}  // namespace

std::vector<std::string> changed_sources(const WatchLook& before, const WatchLook& now) {
  std::vector<std::string> changed;
  for (const auto& [component, hash] : now.sources) {
    auto found = before.sources.find(component);
    if (found == before.sources.end() || found->second != hash) changed.push_back(component);
  }
  return changed;
}

Result<WatchSet::Pattern> WatchSet::pattern(const fs::path& base, const std::string& text) {
  std::string_view written = text;
  while (written.starts_with("./")) written.remove_prefix(2);
  auto glob = TRY(app::Glob::parse(written));
  const bool is_literal = !app::has_glob_characters(written);
  return Pattern{.base = is_literal ? base / written : base,
                 .glob = std::move(glob),
                 .is_literal = is_literal};
}

Result<WatchSet> WatchSet::create(BuildManifest manifest) {
  WatchSet set(std::move(manifest));
  const auto root = set.manifest_.directory();
  for (const auto& component : set.manifest_.components) {
    Part part{.component = component.id, .sources = {}, .mounts = {}, .binary = {}};
    const auto directory = set.manifest_.working_directory(component);
    for (const auto& text : component.watch) {
      auto made = TRY(pattern(directory, text)
                          .context(fmt::format("what component `{}` watches", component.id)));
      part.sources.push_back(std::move(made));
    }
    for (const auto& mount : component.files) {
      auto made = TRY(pattern(root, mount.source));
      part.mounts.push_back(std::move(made));
    }
    if (component.source) part.binary = root / *component.source;
    set.parts_.push_back(std::move(part));
  }
  return set;
}

uint64_t WatchSet::hash_of(const fs::path& file) {
  std::error_code error;
  const auto time = fs::last_write_time(file, error);
  const auto size = error ? 0 : fs::file_size(file, error);
  if (error) return 0;
  auto& known = known_[file];
  if (known.is_settled && known.time == time && known.size == size) return known.hash;
  // One that was written a moment ago may be written again with the same time.
  const bool is_settled = fs::file_time_type::clock::now() - time > kTimeGranularity;
  known = {.time = time, .size = size, .hash = hash_content(file), .is_settled = is_settled};
  return known.hash;
}

void WatchSet::walk(const Pattern& pattern, const fs::path& directory, int depth,
                    const Visitor& visitor) {
  if (depth > kMaxWatchedDepth) return;
  visitor.directory(directory);
  std::vector<fs::directory_entry> entries;
  std::error_code error;
  fs::directory_iterator found(directory, error);
  for (; !error && found != fs::directory_iterator(); found.increment(error)) {
    entries.push_back(*found);
  }
  std::ranges::sort(entries, {}, [](const auto& entry) { return entry.path(); });
  for (const auto& entry : entries) {
    const auto name = entry.path().filename();
    if (entry.is_symlink(error) || name == ".git" || name == ".spin") continue;
    if (entry.is_directory(error)) {
      walk(pattern, entry.path(), depth + 1, visitor);
    } else if (entry.is_regular_file(error)) {
      const auto relative = entry.path().lexically_relative(pattern.base).generic_string();
      if (pattern.is_literal || pattern.glob.matches(relative)) visitor.file(entry.path());
    }
  }
}

void WatchSet::visit(const Pattern& pattern, const Visitor& visitor) {
  const bool is_below = !pattern.is_literal && !pattern.glob.literal_prefix().empty();
  const auto start = is_below ? pattern.base / pattern.glob.literal_prefix() : pattern.base;
  std::error_code error;
  if (fs::is_directory(start, error)) {
    walk(pattern, start.lexically_normal(), 0, visitor);
  } else {
    visitor.directory(existing(start.parent_path()));
    if (pattern.is_literal) visitor.file(start);
  }
}

uint64_t WatchSet::hash_of(const Pattern& pattern, WatchLook& look) {
  uint64_t hash = 1;
  visit(pattern,
        {.file =
             [&](const fs::path& file) {
               if (++files_ > kMaxWatchedFiles) return;
               mix(hash, std::hash<std::string>{}(file.string()));
               mix(hash, hash_of(file));
             },
         .directory = [&](fs::path directory) { look.directories.insert(std::move(directory)); }});
  return hash;
}

std::optional<fs::path> WatchSet::newest_source(std::string_view component) {
  std::optional<fs::path> newest;
  fs::file_time_type time;
  const auto part = std::ranges::find(parts_, component, &Part::component);
  if (part == parts_.end()) return newest;
  for (const auto& pattern : part->sources) {
    visit(pattern, {.file =
                        [&](const fs::path& file) {
                          std::error_code error;
                          const auto written = fs::last_write_time(file, error);
                          if (error || (newest && written <= time)) return;
                          newest = file;
                          time = written;
                        },
                    .directory = [](const fs::path&) {}});
  }
  return newest;
}

WatchLook WatchSet::look() {
  WatchLook look;
  files_ = 0;
  look.manifest = hash_of(manifest_.path);
  look.directories.insert(manifest_.directory());
  mix(look.served, look.manifest);
  for (const auto& part : parts_) {
    uint64_t hash = 1;
    for (const auto& pattern : part.sources) mix(hash, hash_of(pattern, look));
    look.sources.emplace(part.component, hash);
    for (const auto& pattern : part.mounts) mix(look.served, hash_of(pattern, look));
    if (part.binary.empty()) continue;
    mix(look.served, hash_of(part.binary));
    look.directories.insert(existing(part.binary.parent_path()));
  }
  return look;
}

}  // namespace spindle::develop
