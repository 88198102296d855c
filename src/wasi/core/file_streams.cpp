#include "wasi/core/file_streams.h"

#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include <fmt/format.h>

namespace spindle::wasi {

namespace {

constexpr auto kOffsetMax = static_cast<uint64_t>(std::numeric_limits<off_t>::max());

StreamEnd failure(std::string_view action, FileErrorCode code) {
  return {std::make_unique<FileIoError>(
      fmt::format("{} failed with error code {}", action, static_cast<int>(code)), code)};
}

}  // namespace

FileResult<size_t> read_file_into(int fd, std::span<uint8_t> out, uint64_t offset) {
  if (offset > kOffsetMax) return file_error(FileErrorCode::Invalid);
  const size_t length = std::min(out.size(), kStreamChunkBytesMax);
  while (true) {
    ssize_t count = pread(fd, out.data(), length, static_cast<off_t>(offset));
    if (count >= 0) return static_cast<size_t>(count);
    if (errno != EINTR) return last_file_error();
  }
}

FileResult<Bytes> read_file_at(int fd, uint64_t length, uint64_t offset) {
  Bytes bytes(std::min<uint64_t>(length, kStreamChunkBytesMax));
  auto count = read_file_into(fd, bytes, offset);
  if (!count) return file_error(count.error());
  bytes.resize(*count);
  return bytes;
}

FileResult<uint64_t> write_file_at(int fd, std::span<const uint8_t> bytes, uint64_t offset) {
  if (offset > kOffsetMax) return file_error(FileErrorCode::Invalid);
  size_t length = std::min(bytes.size(), kStreamChunkBytesMax);
  while (true) {
    ssize_t count = pwrite(fd, bytes.data(), length, static_cast<off_t>(offset));
    if (count >= 0) return static_cast<uint64_t>(count);
    if (errno != EINTR) return last_file_error();
  }
}

FileResult<uint64_t> append_to_file(int fd, std::span<const uint8_t> bytes) {
  iovec part{const_cast<uint8_t*>(bytes.data()), std::min(bytes.size(), kStreamChunkBytesMax)};
  while (true) {
    ssize_t count = pwritev2(fd, &part, 1, 0, RWF_APPEND);
    if (count >= 0) return static_cast<uint64_t>(count);
    if (errno != EINTR) return last_file_error();
  }
}

Result<Streamed<Bytes>> FileInputStream::read(uint64_t length) {
  if (closed_) return Streamed<Bytes>(StreamEnd::closed());
  if (length == 0) return Streamed<Bytes>(Bytes{});
  auto bytes = read_file_at(file_->fd.number(), length, position_);
  if (!bytes) {
    closed_ = true;
    return Streamed<Bytes>(std::unexpected(failure("reading a file", bytes.error())));
  }
  if (bytes->empty()) {
    closed_ = true;
    return Streamed<Bytes>(StreamEnd::closed());
  }
  position_ += bytes->size();
  return Streamed<Bytes>(std::move(*bytes));
}

Result<Streamed<uint64_t>> FileOutputStream::check_write() {
  if (closed_) return Streamed<uint64_t>(StreamEnd::closed());
  return Streamed<uint64_t>(kStreamChunkBytesMax);
}

Result<Streamed<void>> FileOutputStream::flush() {
  if (closed_) return Streamed<void>(StreamEnd::closed());
  return Streamed<void>();
}

Result<Streamed<void>> FileOutputStream::do_write(std::span<const uint8_t> contents) {
  while (!contents.empty()) {
    int fd = file_->fd.number();
    auto written =
        position_ ? write_file_at(fd, contents, *position_) : append_to_file(fd, contents);
    // A file that takes nothing without an error is full in a way that the system has no word for.
    if (written && *written == 0) written = file_error(FileErrorCode::InsufficientSpace);
    if (!written) {
      closed_ = true;
      return Streamed<void>(std::unexpected(failure("writing a file", written.error())));
    }
    if (position_) *position_ += *written;
    contents = contents.subspan(*written);
  }
  return Streamed<void>();
}

}  // namespace spindle::wasi
