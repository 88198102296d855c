#include "wit/load.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "wit/limits.h"
#include "wit/resolve/builder.h"

namespace spindle::wit {
namespace {

namespace fs = std::filesystem;

// Reads the files of roots into a SourceMap and groups them by folder.
class Reader {
 public:
  Result<void> add_root(const fs::path& path, size_t root);

  SourceMap sources;
  std::vector<SourceGroup> groups;

 private:
  enum class Presence : uint8_t { Required, Optional };

  Result<void> add_directory(const fs::path& path, SourceGroup group, Presence wit_files);
  Result<void> add_dependencies(const fs::path& path, size_t root);
  Result<uint32_t> read(const fs::path& path);
  Result<std::vector<fs::path>> list(const fs::path& path);

  size_t total_ = 0;
  size_t files_ = 0;
};

Result<std::vector<fs::path>> Reader::list(const fs::path& path) {
  std::error_code code;
  std::vector<fs::path> entries;
  for (fs::directory_iterator i(path, code), end; !code && i != end; i.increment(code)) {
    entries.push_back(i->path());
    if (entries.size() > kMaxFiles) {
      return Error::limit_exceeded(
          fmt::format("more than {} files in {}", kMaxFiles, path.string()));
    }
  }
  if (code) {
    return Error::from_errno(code.value(), fmt::format("reading directory {}", path.string()));
  }
  std::ranges::sort(entries);
  return entries;
}

Result<uint32_t> Reader::read(const fs::path& path) {
  if (++files_ > kMaxFiles)
    return Error::limit_exceeded(fmt::format("more than {} WIT files", kMaxFiles));
  std::error_code code;
  if (!fs::is_regular_file(path, code)) {
    return Error::invalid_input(fmt::format("{} is not a file", path.string()));
  }
  uintmax_t size = fs::file_size(path, code);
  if (code) return Error::from_errno(code.value(), fmt::format("reading {}", path.string()));
  if (size > kMaxFileSize) {
    return Error::limit_exceeded(
        fmt::format("{} has {} bytes, at most {} are allowed", path.string(), size, kMaxFileSize));
  }
  total_ += size;
  if (total_ > kMaxTotalSize) {
    return Error::limit_exceeded(fmt::format("more than {} bytes of WIT", kMaxTotalSize));
  }
  std::string text(size, '\0');
  std::ifstream stream(path, std::ios::binary);
  stream.read(text.data(), static_cast<std::streamsize>(size));
  if (!stream) return Error::unavailable(fmt::format("cannot read {}", path.string()));
  return sources.add(path.string(), std::move(text));
}

Result<void> Reader::add_directory(const fs::path& path, SourceGroup group, Presence wit_files) {
  auto entries = TRY(list(path));
  for (const fs::path& entry : entries) {
    std::error_code code;
    if (entry.extension() != ".wit" || fs::is_directory(entry, code)) continue;
    auto file = TRY(read(entry));
    group.files.push_back(file);
  }
  group.origin = path.string();
  if (group.files.empty()) {
    if (wit_files == Presence::Optional) return {};
    return Error::not_found(fmt::format("no .wit files in {}", path.string()));
  }
  groups.push_back(std::move(group));
  return {};
}

Result<void> Reader::add_dependencies(const fs::path& path, size_t root) {
  auto entries = TRY(list(path));
  for (const fs::path& entry : entries) {
    SourceGroup group{entry.string(), {}, root, false};
    std::error_code code;
    if (fs::is_directory(entry, code)) {
      TRY(add_directory(entry, std::move(group), Presence::Optional));
    } else if (entry.extension() == ".wit") {
      auto file = TRY(read(entry));
      group.files.push_back(file);
      groups.push_back(std::move(group));
    }
  }
  return {};
}

Result<void> Reader::add_root(const fs::path& path, size_t root) {
  std::error_code code;
  if (!fs::exists(path, code))
    return Error::not_found(fmt::format("{} does not exist", path.string()));
  SourceGroup group{path.string(), {}, root, true};
  if (!fs::is_directory(path, code)) {
    auto file = TRY(read(path));
    group.files.push_back(file);
    groups.push_back(std::move(group));
    return {};
  }
  TRY(add_directory(path, std::move(group), Presence::Required));
  if (fs::is_directory(path / "deps", code)) return add_dependencies(path / "deps", root);
  return {};
}

Result<Resolve> resolve_groups(const SourceMap& sources, const std::vector<SourceGroup>& groups,
                               const LoadOptions& options) {
  auto units = TRY(collect_units(sources, groups, options));
  ResolveBuilder builder(sources, units);
  return builder.build();
}

}  // namespace

Result<Resolve> load_paths(const std::vector<std::string>& roots, const LoadOptions& options) {
  Reader reader;
  for (size_t i = 0; i < roots.size(); ++i) TRY(reader.add_root(roots[i], i));
  return resolve_groups(reader.sources, reader.groups, options);
}

Result<Resolve> load_directory(const std::string& directory, const LoadOptions& options) {
  return load_paths({directory}, options);
}

Result<Resolve> load_texts(const std::vector<SourceText>& texts, const LoadOptions& options) {
  SourceMap sources;
  std::vector<SourceGroup> groups;
  // Texts whose names share a folder are one package, as they would be on disk.
  for (const SourceText& text : texts) {
    std::string origin = fs::path(text.name).parent_path().string();
    bool is_root = !text.name.starts_with("deps/");
    if (origin == "deps") origin = text.name;
    auto group = std::ranges::find(groups, origin, &SourceGroup::origin);
    if (group == groups.end()) {
      groups.push_back({origin, {}, 0, is_root});
      group = groups.end() - 1;
    }
    group->files.push_back(sources.add(text.name, text.text));
  }
  return resolve_groups(sources, groups, options);
}

}  // namespace spindle::wit
