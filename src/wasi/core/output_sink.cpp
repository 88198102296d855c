#include "wasi/core/output_sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

namespace spindle::wasi {

namespace {

constexpr std::string_view kLineMark = " [line cut]\n";
constexpr std::string_view kFileMark = "\n[log full]\n";

std::string_view as_text(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<void> write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      return Error::from_errno(errno, "writing the output of a guest");
    }
    text.remove_prefix(static_cast<size_t>(count));
  }
  return {};
}

bool is_unsafe_in_file_names(char letter) {
  constexpr std::string_view kUnsafe = "/?<>\\:*|\"";
  auto code = static_cast<unsigned char>(letter);
  return code < 0x20 || code == 0x7f || kUnsafe.find(letter) != std::string_view::npos;
}

}  // namespace

void MemorySink::write(std::span<const uint8_t> bytes) {
  std::lock_guard lock(mutex_);
  text_ += as_text(bytes);
}

std::string MemorySink::text() const {
  std::lock_guard lock(mutex_);
  return text_;
}

void GuestLog::write(std::span<const uint8_t> bytes) {
  std::lock_guard lock(mutex_);
  auto text = as_text(bytes);
  // `start` to `position` is what goes out in one piece: everything, unless a line is too long.
  size_t start = 0;
  size_t position = 0;
  while (position < text.size()) {
    size_t end = text.find('\n', position);
    bool ends = end != std::string_view::npos;
    size_t length = (ends ? end : text.size()) - position;
    uint64_t room = options_.line_bytes_max - std::min(line_bytes_, options_.line_bytes_max);
    bool marked = line_bytes_ > options_.line_bytes_max;
    if (length > room || marked) {
      write_out(text.substr(start, position + room - start));
      if (!marked) write_out(kLineMark);
      start = position + length + (ends ? 1 : 0);
    }
    line_bytes_ = ends ? 0 : std::min(line_bytes_ + length, options_.line_bytes_max + 1);
    position += length + (ends ? 1 : 0);
  }
  if (start < text.size()) write_out(text.substr(start));
}

void GuestLog::write_out(std::string_view text) {
  if (text.empty()) return;
  write_file(text);
  if (options_.copy_to < 0 || copy_failed_) return;
  auto copied = write_all(options_.copy_to, text);
  // There is nobody to tell when the terminal is gone.
  if (!copied) copy_failed_ = true;
}

void GuestLog::write_file(std::string_view text) {
  if (options_.path.empty() || file_failed_) return;
  if (!file_.is_open()) {
    auto opened = open_file();
    if (!opened) return report(opened.take_error());
  }
  if (file_bytes_ >= options_.file_bytes_max) return;
  bool fills = text.size() > options_.file_bytes_max - file_bytes_;
  if (fills) text = text.substr(0, options_.file_bytes_max - file_bytes_);
  auto written = write_all(file_.number(), text);
  if (!written) return report(written.take_error());
  file_bytes_ = fills ? options_.file_bytes_max : file_bytes_ + text.size();
  if (!fills) return;
  auto marked = write_all(file_.number(), kFileMark);
  if (!marked) report(marked.take_error());
}

Result<void> GuestLog::open_file() {
  std::error_code failed;
  auto directory = std::filesystem::path(options_.path).parent_path();
  if (!directory.empty()) std::filesystem::create_directories(directory, failed);
  int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
  file_ = Fd(open(options_.path.c_str(), flags, 0644));
  if (!file_.is_open()) return Error::from_errno(errno, fmt::format("opening {}", options_.path));
  struct stat status{};
  if (fstat(file_.number(), &status) == 0) file_bytes_ = static_cast<uint64_t>(status.st_size);
  return {};
}

void GuestLog::report(Error error) {
  file_failed_ = true;
  if (std::exchange(reported_, true) || !options_.report_failure) return;
  options_.report_failure(error);
}

std::string guest_log_path(std::string_view directory, std::string_view component_id,
                           std::string_view stream_name) {
  // File names end at 255 bytes; the rest is the suffix.
  constexpr size_t kIdBytesMax = 200;
  std::string id;
  for (char letter : component_id.substr(0, kIdBytesMax)) {
    if (!is_unsafe_in_file_names(letter)) id += letter;
  }
  return fmt::format("{}/{}_{}.txt", directory, id, stream_name);
}

Result<Streamed<void>> SinkOutputStream::do_write(std::span<const uint8_t> contents) {
  if (!contents.empty()) sink_->write(contents);
  return Streamed<void>();
}

}  // namespace spindle::wasi
