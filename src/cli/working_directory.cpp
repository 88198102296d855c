#include "cli/working_directory.h"

#include <fmt/format.h>
#include <stdlib.h>

namespace spindle::cli {

namespace fs = std::filesystem;

Result<WorkingDirectory> WorkingDirectory::temporary(std::string_view purpose) {
  std::error_code code;
  auto pattern =
      (fs::temp_directory_path(code) / fmt::format("spindle-{}-XXXXXX", purpose)).string();
  if (code || mkdtemp(pattern.data()) == nullptr) {
    return Error::from_errno(errno, "creating a temporary directory");
  }
  WorkingDirectory made;
  made.path_ = pattern;
  made.is_ours_ = true;
  return made;
}

Result<WorkingDirectory> WorkingDirectory::named(const fs::path& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code) {
    return Error::unavailable(
        fmt::format("creating directory `{}`: {}", path.string(), code.message()));
  }
  WorkingDirectory made;
  made.path_ = fs::absolute(path);
  return made;
}

WorkingDirectory::~WorkingDirectory() {
  std::error_code ignored;
  if (is_ours_) fs::remove_all(path_, ignored);
}

}  // namespace spindle::cli
