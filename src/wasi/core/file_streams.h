#pragma once

// Streams over an open file. Both are always ready: regular files in the page cache answer at once,
// and each call is bounded by kStreamChunkBytesMax. They keep the file open after its descriptor is
// gone.

#include <memory>
#include <optional>

#include "wasi/core/files.h"
#include "wasi/core/streams.h"

namespace spindle::wasi {

class FileInputStream final : public InputStream {
 public:
  FileInputStream(io::EventLoop& loop, std::shared_ptr<OpenFile> file, uint64_t position)
      : InputStream(loop), file_(std::move(file)), position_(position) {}

  bool is_ready() override { return true; }
  Result<Streamed<Bytes>> read(uint64_t length) override;

 private:
  std::shared_ptr<OpenFile> file_;
  uint64_t position_;
  bool closed_ = false;
};

class FileOutputStream final : public OutputStream {
 public:
  // Without a position it appends.
  FileOutputStream(io::EventLoop& loop, std::shared_ptr<OpenFile> file,
                   std::optional<uint64_t> position)
      : OutputStream(loop), file_(std::move(file)), position_(position) {}

  bool is_ready() override { return true; }
  Result<Streamed<uint64_t>> check_write() override;
  Result<Streamed<void>> flush() override;

 protected:
  Result<Streamed<void>> do_write(std::span<const uint8_t> contents) override;

 private:
  std::shared_ptr<OpenFile> file_;
  std::optional<uint64_t> position_;
  bool closed_ = false;
};

// One system call each, repeated when interrupted; at most kStreamChunkBytesMax.
FileResult<Bytes> read_file_at(int fd, uint64_t length, uint64_t offset);
FileResult<size_t> read_file_into(int fd, std::span<uint8_t> out, uint64_t offset);
FileResult<uint64_t> write_file_at(int fd, std::span<const uint8_t> bytes, uint64_t offset);
FileResult<uint64_t> append_to_file(int fd, std::span<const uint8_t> bytes);

}  // namespace spindle::wasi
