#include "wasi/core/sandbox.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <optional>
#include <vector>

namespace spindle::wasi {

namespace {

// A rename anywhere on the machine makes openat2 ask to be called again.
constexpr int kKernelAttemptsMax = 8;

// O_PATH opens nothing that could block, and openat2 allows it few companions.
int with_constant_flags(int flags) {
  return (flags & O_PATH) != 0 ? flags | O_CLOEXEC : flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
}

std::atomic<bool> kernel_resolves{true};

// Nothing: the kernel cannot, or would not just now.
std::optional<FileResult<Fd>> open_by_kernel(int directory, const std::string& path,
                                             OpenMode mode) {
  if (!kernel_resolves.load(std::memory_order_relaxed)) return std::nullopt;
  open_how how{};
  how.flags = static_cast<uint64_t>(static_cast<unsigned>(mode.flags));
  how.mode = (mode.flags & O_CREAT) != 0 ? mode.permissions : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int attempt = 0; attempt < kKernelAttemptsMax; ++attempt) {
    long number = syscall(SYS_openat2, directory, path.c_str(), &how, sizeof(how));
    if (number >= 0) return Fd(static_cast<int>(number));
    if (errno == EAGAIN || errno == EINTR) continue;
    if (errno == ENOSYS) kernel_resolves.store(false, std::memory_order_relaxed);
    // Seccomp filters that do not know the call answer EPERM; where it is real, the walk meets it
    // again.
    if (errno == ENOSYS || errno == EPERM) return std::nullopt;
    return FileResult<Fd>(last_file_error());
  }
  return std::nullopt;
}

mode_t file_format(int fd) {
  struct stat status{};
  return fstat(fd, &status) == 0 ? status.st_mode & S_IFMT : 0;
}

// Opens one component after the other. `pending_` is what is left of the path, links replaced by
// their targets; `parents_` are the directories on the way, so that `..` is a step back to where
// the walk came from and never a question to the file system.
class Walk {
 public:
  Walk(int root, std::string path, OpenMode mode)
      : root_(root), pending_(std::move(path)), mode_(mode) {}

  FileResult<Fd> run() {
    if (pending_.empty()) return file_error(FileErrorCode::NoEntry);
    while (true) {
      if (pending_.starts_with('/')) return file_error(FileErrorCode::NotPermitted);
      auto component = take_component();
      if (component == ".." && !step_back()) return file_error(FileErrorCode::NotPermitted);
      bool dots = component == "." || component == "..";
      if (at_end()) {
        auto opened = open_last(dots ? "." : component);
        if (opened || opened.error() != FileErrorCode::Loop || !followed_) return opened;
        followed_ = false;
        continue;
      }
      if (dots) continue;
      auto stepped = step_into(component);
      if (!stepped) return file_error(stepped.error());
    }
  }

 private:
  int current() const { return parents_.empty() ? root_ : parents_.back().number(); }
  bool at_end() const { return pending_.empty(); }

  // The next name; slashes after it are dropped, at the end of the path they ask for a directory.
  std::string take_component() {
    size_t slash = pending_.find('/');
    auto component = pending_.substr(0, slash);
    if (slash == std::string::npos) {
      pending_.clear();
      return component;
    }
    size_t next = pending_.find_first_not_of('/', slash);
    pending_ = next == std::string::npos ? "" : pending_.substr(next);
    if (pending_.empty()) {
      // A trailing slash follows a link, and what it names must be a directory.
      mode_.flags = (mode_.flags & ~O_NOFOLLOW) | O_DIRECTORY;
    }
    return component;
  }

  bool step_back() {
    if (parents_.empty()) return false;
    parents_.pop_back();
    return true;
  }

  FileResult<void> step_into(const std::string& component) {
    Fd next(openat(current(), component.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!next.is_open()) return last_file_error();
    mode_t format = file_format(next.number());
    if (format == S_IFLNK) return follow(next.number());
    if (format != S_IFDIR) return file_error(FileErrorCode::NotDirectory);
    if (parents_.size() >= kWalkDepthMax) return file_error(FileErrorCode::NameTooLong);
    parents_.push_back(std::move(next));
    return {};
  }

  // Puts the link's target in front of what is left.
  FileResult<void> follow(int link) {
    if (++links_followed_ > kSymbolicLinksMax) return file_error(FileErrorCode::Loop);
    std::array<char, kPathBytesMax + 1> target{};
    ssize_t length = readlinkat(link, "", target.data(), target.size());
    if (length < 0) return last_file_error();
    if (length == 0) return file_error(FileErrorCode::NoEntry);
    std::string path(target.data(), static_cast<size_t>(length));
    if (!pending_.empty()) path += "/" + pending_;
    if (path.size() > kPathBytesMax) return file_error(FileErrorCode::NameTooLong);
    pending_ = std::move(path);
    return {};
  }

  // Loop, with followed_ set, says that the last component was a link and the walk goes on.
  FileResult<Fd> open_last(const std::string& name) {
    Fd probe(openat(current(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    bool is_link = probe.is_open() && file_format(probe.number()) == S_IFLNK;
    bool exclusive = (mode_.flags & O_CREAT) != 0 && (mode_.flags & O_EXCL) != 0;
    if (is_link && (mode_.flags & O_NOFOLLOW) == 0 && !exclusive) {
      auto target = follow(probe.number());
      if (!target) return file_error(target.error());
      followed_ = true;
      return file_error(FileErrorCode::Loop);
    }
    int number = openat(current(), name.c_str(), mode_.flags | O_NOFOLLOW,
                        static_cast<mode_t>(mode_.permissions));
    if (number < 0) return last_file_error();
    Fd opened(number);
    // With O_PATH a link that was put there since the probe opens as itself.
    bool wants_link = (mode_.flags & O_NOFOLLOW) != 0;
    if (!wants_link && file_format(opened.number()) == S_IFLNK)
      return file_error(FileErrorCode::Loop);
    return opened;
  }

  int root_;
  std::string pending_;
  OpenMode mode_;
  std::vector<Fd> parents_;
  int links_followed_ = 0;
  bool followed_ = false;
};

FileResult<void> check_path(std::string_view path) {
  if (path.empty()) return file_error(FileErrorCode::NoEntry);
  if (path.size() > kPathBytesMax) return file_error(FileErrorCode::NameTooLong);
  if (path.find('\0') != std::string_view::npos) return file_error(FileErrorCode::Invalid);
  if (path.front() == '/') return file_error(FileErrorCode::NotPermitted);
  return {};
}

}  // namespace

FileResult<Fd> open_beneath(int directory, std::string_view path, OpenMode mode,
                            Resolver resolver) {
  auto checked = check_path(path);
  if (!checked) return file_error(checked.error());
  mode.flags = with_constant_flags(mode.flags);
  std::string copied(path);
  if (resolver == Resolver::Automatic) {
    auto opened = open_by_kernel(directory, copied, mode);
    if (opened) return std::move(*opened);
  }
  return Walk(directory, std::move(copied), mode).run();
}

FileResult<EntryName> open_parent_beneath(int directory, std::string_view path,
                                          FileErrorCode if_dots, Resolver resolver) {
  auto checked = check_path(path);
  if (!checked) return file_error(checked.error());
  size_t end = path.find_last_not_of('/') + 1;
  size_t slash = path.substr(0, end).rfind('/');
  bool has_parent = slash != std::string_view::npos;
  auto last = has_parent ? path.substr(slash + 1, end - slash - 1) : path.substr(0, end);
  if (last == "." || last == "..") {
    // Whether it leads outside matters more than that it names no entry.
    auto opened = open_beneath(directory, path, {O_PATH | O_DIRECTORY}, resolver);
    return file_error(opened ? if_dots : opened.error());
  }
  auto parent_path = has_parent ? path.substr(0, slash + 1) : std::string_view(".");
  auto parent = open_beneath(directory, parent_path, {O_PATH | O_DIRECTORY}, resolver);
  if (!parent) return file_error(parent.error());
  auto name = path.substr(has_parent ? slash + 1 : 0);
  return EntryName{std::move(*parent), std::string(name)};
}

}  // namespace spindle::wasi
