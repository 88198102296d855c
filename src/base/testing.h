#pragma once

// For tests of every room: a directory of its own below the system's temporary directory, removed
// at the end, and short ways to put things into it.

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "base/verify.h"

namespace spindle {

class TempDirectory {
 public:
  TempDirectory() {
    auto pattern = (std::filesystem::temp_directory_path() / "spindle-XXXXXX").string();
    VERIFY(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }
  void make_directory(std::string_view name) const {
    std::filesystem::create_directories(path(name));
  }
  void write(std::string_view name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  std::string read(std::string_view name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void link(const std::string& target, std::string_view name) const {
    VERIFY(symlink(target.c_str(), path(name).c_str()) == 0);
  }
  bool has(std::string_view name) const {
    return std::filesystem::exists(std::filesystem::symlink_status(path(name)));
  }

 private:
  std::string path_;
};

}  // namespace spindle
