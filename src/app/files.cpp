#include "app/files.h"

#include <algorithm>

#include "app/glob.h"
#include "app/url.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

namespace fs = std::filesystem;

Error disk_error(const std::error_code& error, std::string_view action, const fs::path& path) {
  return Error::from_errno(error.value(), fmt::format("{} \"{}\"", action, path.string()));
}

bool is_below(const fs::path& path, const fs::path& root) {
  auto [root_end, rest] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return root_end == root.end();
}

// A directory, and what may be read below it: every path is resolved with its links first.
class AppDirectory {
 public:
  static Result<AppDirectory> open(const fs::path& path) {
    std::error_code error;
    fs::path real = fs::canonical(path, error);
    if (error) return disk_error(error, "opening the application directory", path);
    return AppDirectory(std::move(real));
  }

  // The real path of a file or directory below the application's; refuses whatever leads out.
  Result<fs::path> resolve(const fs::path& relative, std::string_view written) const {
    std::error_code error;
    fs::path real = fs::canonical(root_ / relative, error);
    if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory)
      return Error::not_found(fmt::format("file or directory \"{}\" does not exist in \"{}\"",
                                          written, root_.string()));
    if (error) return disk_error(error, "reading", root_ / relative);
    if (!is_below(real, root_))
      return Error::denied(fmt::format("\"{}\" is outside the application directory \"{}\"",
                                       written, root_.string()));
    return real;
  }

  const fs::path& root() const { return root_; }

 private:
  explicit AppDirectory(fs::path root) : root_(std::move(root)) {}
  fs::path root_;
};

// Where "assets" or "/assets/" in a manifest leads below the root of the guest.
Result<fs::path> guest_path(std::string_view written) {
  fs::path result;
  for (const fs::path& part : fs::path(written).relative_path()) {
    if (part == "..")
      return Error::denied(
          fmt::format("destination \"{}\" leads outside the file system of the guest", written));
    if (part != "." && !part.empty()) result /= part;
  }
  return result;
}

class Copier {
 public:
  Copier(AppDirectory app, fs::path destination, std::vector<Glob> exclude)
      : app_(std::move(app)), destination_(std::move(destination)), exclude_(std::move(exclude)) {}

  Result<void> pattern(const std::string& written) {
    if (ends_in_dots(written))
      return Error::invalid_input(
          fmt::format("file pattern \"{}\" must not end in \".\" or \"..\"; "
                      "write \"./*\" for the files of this directory",
                      written));
    if (written == "*" || written == "**/*")
      outcome_.warnings.push_back(
          fmt::format("file pattern \"{}\" copies everything in the application directory, the "
                      "manifest and the components included; write \"./{}\" if that is meant",
                      written, written));
    if (fs::path(written).is_absolute())
      return Error::denied(fmt::format("file pattern \"{}\" must be relative", written));
    std::error_code error;
    if (fs::exists(app_.root() / written, error)) return existing(written);
    if (!has_glob_characters(written))
      return Error::not_found(fmt::format("file or directory \"{}\" does not exist in \"{}\"",
                                          written, app_.root().string()));
    return glob(written);
  }

  Result<void> placement(const std::string& source, const std::string& destination) {
    fs::path real = TRY(app_.resolve(source, source));
    fs::path target = TRY(guest_path(destination));
    if (fs::is_directory(real)) return walk(real, target, nullptr, 0);
    if (destination.ends_with('/') || ends_in_dots(destination) || target.empty())
      return Error::invalid_input(fmt::format(
          "destination \"{}\" of file \"{}\" is not a valid file name", destination, source));
    return copy_file(real, target);
  }

  CopyOutcome take() { return std::move(outcome_); }

 private:
  static bool ends_in_dots(std::string_view text) {
    return text == "." || text == ".." || text.ends_with("/.") || text.ends_with("/..");
  }

  Result<void> existing(const std::string& written) {
    fs::path real = TRY(app_.resolve(written, written));
    fs::path target = TRY(guest_path(written));
    if (fs::is_directory(real)) return walk(real, target, nullptr, 0);
    return copy_file(real, target);
  }

  Result<void> glob(std::string_view written) {
    while (written.starts_with("./")) written.remove_prefix(2);
    auto parsed = TRY(Glob::parse(written));
    std::error_code error;
    if (!fs::exists(app_.root() / parsed.literal_prefix(), error)) return {};
    fs::path start = TRY(app_.resolve(parsed.literal_prefix(), written));
    fs::path target = TRY(guest_path(parsed.literal_prefix()));
    if (!fs::is_directory(start)) return {};
    return walk(start, target, &parsed, 0);
  }

  // Copies the files below a directory to the same places below `target`: all, or those whose path
  // matches. Sorted, so that what happens does not depend on the file system.
  Result<void> walk(const fs::path& directory, const fs::path& target, const Glob* only,
                    int depth) {
    if (depth > kMaxMountedDepth)
      return Error::limit_exceeded(
          fmt::format("directories below \"{}\" are nested more than {} deep", app_.root().string(),
                      kMaxMountedDepth));
    std::error_code error;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
      entries.push_back(*it);
    if (error) return disk_error(error, "listing", directory);
    std::ranges::sort(entries, {}, [](const auto& entry) { return entry.path(); });
    for (const fs::directory_entry& entry : entries) {
      fs::path place = target / entry.path().filename();
      if (entry.is_directory(error) && !entry.is_symlink(error)) {
        TRY(walk(entry.path(), place, only, depth + 1));
      } else if (entry.is_regular_file(error)) {
        if (only && !only->matches(place.generic_string())) continue;
        TRY(copy_found(entry.path(), place));
      }
    }
    return {};
  }

  Result<void> copy_found(const fs::path& source, const fs::path& place) {
    fs::path relative = source.lexically_relative(app_.root());
    std::string text = relative.generic_string();
    bool excluded = std::ranges::any_of(exclude_, [&](const Glob& glob) {
      return glob.matches(text, Glob::Slash::MatchedByWildcards);
    });
    if (excluded) return {};
    fs::path real = TRY(app_.resolve(relative, text));
    return copy_file(real, place);
  }

  Result<void> copy_file(const fs::path& source, const fs::path& place) {
    if (++outcome_.files > kMaxMountedFiles)
      return Error::limit_exceeded(
          fmt::format("a component mounts more than {} files", kMaxMountedFiles));
    std::error_code error;
    if (!fs::is_regular_file(source, error))
      return Error::invalid_input(fmt::format("\"{}\" is not a regular file", source.string()));
    fs::path target = destination_ / place;
    fs::create_directories(target.parent_path(), error);
    if (error) return disk_error(error, "creating", target.parent_path());
    fs::copy_file(source, target, fs::copy_options::overwrite_existing, error);
    if (error) return disk_error(error, "copying", source);
    // Whoever serves the copy says when the file was changed, not when it was copied.
    const auto changed = fs::last_write_time(source, error);
    if (!error) fs::last_write_time(target, changed, error);
    return {};
  }

  AppDirectory app_;
  fs::path destination_;
  std::vector<Glob> exclude_;
  CopyOutcome outcome_;
};

}  // namespace

Result<CopyOutcome> copy_files(std::span<const FileMount> mounts,
                               std::span<const std::string> exclude, const fs::path& app_directory,
                               const fs::path& destination) {
  auto app = TRY(AppDirectory::open(app_directory));
  std::vector<Glob> globs;
  for (const std::string& pattern : exclude) {
    auto glob = TRY(Glob::parse(pattern));
    globs.push_back(std::move(glob));
  }
  std::error_code error;
  fs::create_directories(destination, error);
  if (error) return disk_error(error, "creating", destination);
  Copier copier(std::move(app), destination, std::move(globs));
  for (const FileMount& mount : mounts) {
    if (mount.destination) {
      TRY(copier.placement(mount.source, *mount.destination));
    } else {
      TRY(copier.pattern(mount.source));
    }
  }
  return copier.take();
}

Result<std::vector<LockedFile>> direct_mounts(std::span<const FileMount> mounts,
                                              std::span<const std::string> exclude,
                                              const fs::path& app_directory) {
  std::vector<LockedFile> files;
  if (mounts.empty()) return files;
  if (!exclude.empty())
    return Error::invalid_input("exclude_files cannot be used with direct mounts");
  auto app = TRY(AppDirectory::open(app_directory));
  for (const FileMount& mount : mounts) {
    fs::path real = TRY(app.resolve(mount.source, mount.source));
    if (!fs::is_directory(real))
      return Error::invalid_input(fmt::format(
          "\"{}\" is not a directory; only directories can be mounted directly", mount.source));
    LockedFile file;
    file.content.source = file_url(real.string());
    file.path = mount.destination.value_or(mount.source);
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace spindle::app
