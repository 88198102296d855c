#include "app/system.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "fmt/format.h"

namespace spindle::app {
namespace {

Error too_large(const std::string& path, size_t limit) {
  return Error::limit_exceeded(
      fmt::format("file \"{}\" is larger than the limit of {} bytes", path, limit));
}

}  // namespace

std::optional<std::string> ProcessEnvironment::get(std::string_view name) const {
  const char* value = std::getenv(std::string(name).c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<std::string> DiskFiles::read(const std::string& path, size_t limit) const {
  std::string action = fmt::format("reading \"{}\"", path);
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return Error::from_errno(errno, action);
  if (S_ISDIR(status.st_mode)) return Error::from_errno(EISDIR, action);
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error::from_errno(errno, action);
  std::string text;
  char buffer[64 * 1024];
  while (in.read(buffer, sizeof buffer), in.gcount() > 0) {
    text.append(buffer, static_cast<size_t>(in.gcount()));
    if (text.size() > limit) return too_large(path, limit);
  }
  if (in.bad()) return Error::from_errno(EIO, action);
  return text;
}

std::optional<std::string> MapEnvironment::get(std::string_view name) const {
  auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::string> MapFiles::read(const std::string& path, size_t limit) const {
  auto found = files_.find(path);
  if (found == files_.end())
    return Error::not_found(fmt::format("file \"{}\" does not exist", path));
  if (found->second.size() > limit) return too_large(path, limit);
  return found->second;
}

}  // namespace spindle::app
