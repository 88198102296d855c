#include "cli/files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "wasm/module.h"

namespace spindle::cli {
namespace {

struct CloseFile {
  void operator()(FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

Result<std::vector<uint8_t>> read_all(FILE* file, const std::string& name) {
  std::vector<uint8_t> bytes;
  std::vector<uint8_t> chunk(size_t{1} << 16);
  while (true) {
    auto count = std::fread(chunk.data(), 1, chunk.size(), file);
    bytes.insert(bytes.end(), chunk.begin(), chunk.begin() + static_cast<ptrdiff_t>(count));
    if (bytes.size() > kMaxInputBytes) {
      return Error::limit_exceeded(
          fmt::format("`{}` has more than {} bytes", name, kMaxInputBytes));
    }
    if (count < chunk.size()) break;
  }
  if (std::ferror(file) != 0) return Error::from_errno(errno, fmt::format("reading `{}`", name));
  return bytes;
}

Result<void> write_all(FILE* file, const std::string& name, std::string_view content) {
  errno = 0;
  bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  if (written && std::fflush(file) == 0) return {};
  return Error::from_errno(errno, fmt::format("writing `{}`", name));
}

bool looks_like_text(std::span<const uint8_t> bytes) {
  for (auto byte : bytes) {
    if (byte == '(' || byte == ';') return true;
    if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') return false;
  }
  return false;
}

}  // namespace

Result<std::vector<uint8_t>> read_bytes(const std::string& path) {
  if (path == "-") return read_all(stdin, "standard input");
  File file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return Error::from_errno(errno, fmt::format("reading `{}`", path));
  return read_all(file.get(), path);
}

Result<std::vector<uint8_t>> read_wasm(const std::string& path) {
  auto bytes = TRY(read_bytes(path));
  if (!looks_like_text(bytes)) return bytes;
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return wasm::wat2wasm(text).context(fmt::format("translating `{}`", path));
}

Result<void> write_text(const std::optional<std::string>& path, std::string_view text) {
  if (!path || *path == "-") return write_all(stdout, "standard output", text);
  File file(std::fopen(path->c_str(), "wbe"));
  if (file == nullptr) return Error::from_errno(errno, fmt::format("writing `{}`", *path));
  return write_all(file.get(), *path, text);
}

Result<void> write_wasm(const std::optional<std::string>& path, std::span<const uint8_t> bytes) {
  if (!path && isatty(STDOUT_FILENO) == 1) {
    return Error::invalid_input("a binary is not written to a terminal, say where with -o FILE");
  }
  return write_text(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace spindle::cli
