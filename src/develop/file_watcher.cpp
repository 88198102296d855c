#include "develop/file_watcher.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace spindle::develop {
namespace {

constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MODIFY | IN_MOVED_FROM |
                             IN_MOVED_TO | IN_DELETE_SELF | IN_ONLYDIR;

}  // namespace

Result<std::unique_ptr<FileWatcher>> FileWatcher::create(io::EventLoop& loop) {
  const int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) return Error::from_errno(errno, "watching files");
  auto events = io::FdEvents::create(loop, descriptor);
  if (!events) {
    ::close(descriptor);
    return events.take_error();
  }
  return std::unique_ptr<FileWatcher>(new FileWatcher(descriptor, events.take_value()));
}

FileWatcher::~FileWatcher() {
  ::close(descriptor_);
}

Result<void> FileWatcher::watch(const std::set<std::filesystem::path>& directories) {
  std::erase_if(watches_, [&](const auto& entry) {
    if (directories.contains(entry.first)) return false;
    inotify_rm_watch(descriptor_, entry.second);
    return true;
  });
  // All of them again: one that was removed and made anew has lost its watch.
  for (const auto& directory : directories) {
    const int watch = inotify_add_watch(descriptor_, directory.c_str(), kEvents);
    if (watch >= 0) watches_.insert_or_assign(directory, watch);
    if (watch < 0 && errno == ENOSPC) {
      return Error::limit_exceeded(
          "the system watches no more directories; raise fs.inotify.max_user_watches");
    }
  }
  return {};
}

bool FileWatcher::read_events() {
  alignas(inotify_event) std::array<char, 16384> buffer;
  bool has_any = false;
  while (::read(descriptor_, buffer.data(), buffer.size()) > 0) has_any = true;
  return has_any;
}

void FileWatcher::drain() {
  read_events();
}

io::Task<void> FileWatcher::changed() {
  while (!read_events()) co_await events_->wait(io::FdEvents::Wish::Read);
}

}  // namespace spindle::develop
