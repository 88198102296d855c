#include "static_files/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "http/percent.h"
#include "static_files/media_type.h"

namespace spindle::static_files {
namespace {

constexpr std::string_view kIndex = "index.html";
constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

std::string_view trim_slashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

bool is_name(std::string_view segment) {
  return !segment.empty() && segment != "." && segment != ".." &&
         segment.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

// `a b/c` for `a%20b/c`; nothing where a segment is no name.
std::optional<std::string> decode(std::string_view path) {
  std::string decoded;
  while (true) {
    const size_t slash = path.find('/');
    const auto segment = http::percent_decode(path.substr(0, slash));
    if (!segment || !is_name(*segment)) return std::nullopt;
    decoded += *segment;
    if (slash == std::string_view::npos) return decoded;
    decoded += '/';
    path.remove_prefix(slash + 1);
  }
}

Lookup::Kind kind_of(wasi::FileErrorCode code) {
  using Code = wasi::FileErrorCode;
  switch (code) {
    case Code::InsufficientMemory:
    case Code::NoLock:
    case Code::Busy:
    case Code::WouldBlock:
    case Code::Io: return Lookup::Kind::Unavailable;
    default: return Lookup::Kind::Missing;
  }
}

FoundFile found_file(wasi::Fd fd, const struct stat& status, Coding coding) {
  FoundFile file;
  file.fd = std::move(fd);
  file.size = static_cast<uint64_t>(status.st_size);
  file.modified = status.st_mtim.tv_sec;
  const int64_t time = status.st_mtim.tv_sec * kNanosecondsPerSecond + status.st_mtim.tv_nsec;
  file.etag = fmt::format("\"{:x}-{:x}", static_cast<uint64_t>(time), file.size);
  for (const CodingEntry& entry : kCodings) {
    if (entry.coding == coding) file.etag += fmt::format("-{}", entry.name);
  }
  file.etag += '"';
  file.coding = coding;
  return file;
}

}  // namespace

Folder::Folder(std::vector<std::shared_ptr<const wasi::Mount>> mounts) {
  for (auto& mount : mounts) {
    std::string prefix(trim_slashes(mount->guest_path));
    if (!prefix.empty()) prefix += '/';
    places_.push_back({std::move(prefix), std::move(mount)});
  }
  std::ranges::stable_sort(places_, std::ranges::greater(),
                           [](const Place& place) { return place.prefix.size(); });
}

Folder::Opened Folder::open(const std::string& path) const {
  Opened opened;
  // A mount's own folder is beneath it, too.
  const std::string as_folder = path + '/';
  const auto place = std::ranges::find_if(places_, [&](const Place& each) {
    return path.starts_with(each.prefix) || as_folder == each.prefix;
  });
  if (place == places_.end()) return opened;
  const std::string_view rest =
      std::string_view(path).substr(std::min(path.size(), place->prefix.size()));
  auto fd = wasi::open_beneath(place->mount->directory.number(), rest.empty() ? "." : rest,
                               {.flags = O_RDONLY});
  if (!fd) {
    opened.kind = kind_of(fd.error());
    return opened;
  }
  opened.fd = std::move(*fd);
  if (fstat(opened.fd.number(), &opened.status) != 0) {
    opened.kind = Lookup::Kind::Unavailable;
  } else if (S_ISREG(opened.status.st_mode)) {
    opened.kind = Lookup::Kind::File;
  } else if (S_ISDIR(opened.status.st_mode)) {
    opened.kind = Lookup::Kind::Folder;
  }
  return opened;
}

Lookup Folder::look_up(const std::string& path, std::string_view accept_encoding) const {
  Opened plain = open(path);
  Lookup lookup{.kind = plain.kind, .file = {}};
  if (plain.kind != Lookup::Kind::File) return lookup;
  std::array<Opened, kCodings.size()> neighbors;
  std::vector<Coding> offered;
  for (size_t i = 0; i < kCodings.size(); ++i) {
    neighbors[i] = open(path + std::string(kCodings[i].suffix));
    if (neighbors[i].kind == Lookup::Kind::File) offered.push_back(kCodings[i].coding);
  }
  const Coding coding = choose_coding(accept_encoding, offered);
  Opened* chosen = &plain;
  for (size_t i = 0; i < kCodings.size(); ++i) {
    if (kCodings[i].coding == coding) chosen = &neighbors[i];
  }
  lookup.file = found_file(std::move(chosen->fd), chosen->status, coding);
  lookup.file.type = media_type(path);
  lookup.file.has_codings = !offered.empty();
  return lookup;
}

Lookup Folder::find(std::string_view path, std::string_view accept_encoding) const {
  if (path.empty()) return {.kind = Lookup::Kind::Folder, .file = {}};
  path.remove_prefix(1);
  const bool is_root = path.empty();
  const bool is_folder = is_root || path.ends_with('/');
  std::string name;
  if (!is_root) {
    if (is_folder) path.remove_suffix(1);
    auto decoded = decode(path);
    if (!decoded) return {};
    name = std::move(*decoded);
  }
  if (!is_folder) return look_up(name, accept_encoding);
  if (!name.empty()) name += '/';
  Lookup index = look_up(name + std::string(kIndex), accept_encoding);
  // An index.html that is a folder is none.
  if (index.kind == Lookup::Kind::Folder) index.kind = Lookup::Kind::Missing;
  return index;
}

Lookup Folder::find_named(std::string_view name, std::string_view accept_encoding) const {
  Lookup found = look_up(std::string(trim_slashes(name)), accept_encoding);
  if (found.kind == Lookup::Kind::Folder) found.kind = Lookup::Kind::Missing;
  return found;
}

}  // namespace spindle::static_files
