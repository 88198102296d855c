#pragma once

// TemporaryDirectory: a directory for one test, removed with what is in it.

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/verify.h"

namespace spindle::host::testing {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "spindle-kv-XXXXXX").string();
    VERIFY(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace spindle::host::testing
