#pragma once

// WorkingDirectory: where a command puts its files. A temporary one goes with everything in it when
// the object does; one that the user named stays.

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace spindle::cli {

class WorkingDirectory {
 public:
  // A fresh one, `spindle-PURPOSE-` and a random name, among the system's temporary files.
  static Result<WorkingDirectory> temporary(std::string_view purpose);
  // Created where it does not exist.
  static Result<WorkingDirectory> named(const std::filesystem::path& path);

  WorkingDirectory(WorkingDirectory&& other) noexcept
      : path_(std::move(other.path_)), is_ours_(std::exchange(other.is_ours_, false)) {}
  WorkingDirectory& operator=(WorkingDirectory&&) = delete;
  ~WorkingDirectory();

  const std::filesystem::path& path() const { return path_; }

 private:
  WorkingDirectory() = default;
  std::filesystem::path path_;
  bool is_ours_ = false;
};

}  // namespace spindle::cli
