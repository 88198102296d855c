#pragma once

// FileWatcher: tells that something has happened in directories, by inotify on an event loop. What
// has happened is for others to find out: events may be lost, repeated, or be about other files.

#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "base/result.h"
#include "io/fd_events.h"

namespace spindle::develop {

class FileWatcher {
 public:
  static Result<std::unique_ptr<FileWatcher>> create(io::EventLoop& loop);
  ~FileWatcher();
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  // These from now on, without what is below them. Those that cannot be watched are left out; an
  // error if the system has no room for more.
  Result<void> watch(const std::set<std::filesystem::path>& directories);
  // Until something has happened since the last call. May be canceled.
  io::Task<void> changed();
  // Forgets what has happened so far.
  void drain();

 private:
  FileWatcher(int descriptor, std::unique_ptr<io::FdEvents> events)
      : descriptor_(descriptor), events_(std::move(events)) {}
  // Whether there was an event.
  bool read_events();

  const int descriptor_;
  std::unique_ptr<io::FdEvents> events_;
  std::map<std::filesystem::path, int> watches_;
};

}  // namespace spindle::develop
